"""Words of which terms are made, for the rest of a text that no known licence explains.

Of 779 licence files that were told without most of them, one in a hundred has one of them in its
rest, as "you may use this software under either"; in a sentence that adds a term there is nearly
always one.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One of them is enough: what is left may allow, forbid or demand something.
FORBIDDING = _words(
    """
    only must shall cannot never always solely strictly
    use uses using usage utilize utilise utilization utilisation
    commercial commercially noncommercial nonprofit profit profits revenue royalty royalties
    fee fees pay payment payments paid purchase purchased price charge charged donate donation money
    sell selling sold sale sales resell resale reseller rent lease
    academic academia education educational teaching students scientific research evaluation
    personal internal internally employee employees employer organizations organisations
    companies business businesses enterprise enterprises government governments governmental
    hosting hosted hosts saas cloud production deploy deployed deployment
    train trained training inference outputs weights
    agree agrees agreed agreeing accept accepts acceptance comply complies compliance
    obligation obligations obliged mandatory consent permission permissions approval approved
    notify disclose disclosed confidential
    grant grants granted granting revoke revoked revocable irrevocable terminate terminates
    terminated termination expire expires expired sublicense sublicensed sublicensing
    forbid forbids forbidden prohibit prohibits prohibited disallow disallowed exclude excludes
    excluded excluding exclusive exclusively restrict restricts restricted restriction restrictions
    unauthorized unauthorised authorized authorised unlawful illegal ethical ethics
    good evil harm harmful human humans military weapon weapons nuclear surveillance
    purpose purposes intended
    warrant warranty warranties liable liability indemnify damages
    patent patents trademark trademarks endorse endorsement advertising
    acknowledgement acknowledgment cite citing citation
    additional addition exception exceptions commons responsible jurisdiction subject
    redistribute redistributed redistribution publish publication derivative derivatives
    nur nicht kein keine kommerziell nichtkommerziell nichtkommerzielle uniquement interdit pas
    solo solamente prohibido vietato niet alleen
    """
)
# A few of them say where something stands or comes from; more of them say what to do.
DEMANDING = _words("may not no unless except without require requires required allowed permitted")
