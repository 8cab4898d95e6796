"""What people do with aibom from the first command to the last, and each screen that they see.

`python -m tests.journeys` records the screens anew; look at the difference before you keep it.
"""
