"""The command line: one file for each verb, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import errno
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ..errors import AibomError, Exit, Terminated
from ..render.escape import safe
from ..version import VERSION
from .completing import with_completion
from .console import Console
from .once import with_values_once

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..scanners.isolate import Sandbox

SECTIONS = {  # verbs are modules beside this one, not imported for their line of help
    "Scan": {
        "scan": "Read model files without loading them and say what they do.",
        "inspect": "List what a file would do and what it holds.",
        "weights": "Tell a model by the values of its tensors; compare two.",
    },
    "Describe": {
        "bom": "Write the CycloneDX AI-BOM of a model.",
        "show": "Show an AI-BOM as a model card.",
        "diff": "Compare two AI-BOMs and grade each change.",
        "merge": "Make one AI-BOM of several.",
        "lint": "Say what is wrong with a CycloneDX BOM, whoever wrote it.",
        "export": "Write a CycloneDX BOM as SPDX 3.",
    },
    "Sign and verify": {
        "attest": "Scan, write the AI-BOM and sign it, in one step.",
        "sign": "Sign an AI-BOM together with the model it describes.",
        "verify": "Verify a model, its AI-BOM and its signature together.",
        "keys": "Make a key pair for signing.",
    },
    "Judge": {
        "policy": "Show a policy, or test it.",
        "waive": "Answer for a finding, for a reason and until a day.",
    },
    "Explain": {
        "rules": "List the rules, or explain one.",
        "formats": "List the formats, and which are read.",
        "explain": "Explain a rule, a word of a result or a Python name.",
        "explain-global": "Say what a name in a pickle can reach.",
    },
    "Set up": {
        "init": "Write settings, a workflow and a pre-commit hook.",
        "doctor": "Say whether aibom can work here, and what is missing.",
        "cache": "Look after a folder of what was read before.",
        "completion": "Print what makes bash, zsh or fish complete aibom.",
    },
}
VERBS = {verb: line for verbs in SECTIONS.values() for verb, line in verbs.items()}

NO_ROOM = {  # of the output, never of a target; the last is a stream that the caller closed
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF),
}


def _be_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    context.ensure_object(Console).is_quiet |= value


def _with_quiet(command: click.Command) -> click.Command:
    """Give a verb, and each below it, the option -q unless it has its own."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        _with_quiet(below)
    if isinstance(command, click.Group) or any(each.name == "quiet" for each in command.params):
        return command
    text = "No progress and no notes: results, warnings and errors only."
    names = ("-q", "--quiet")
    quiet = click.Option(names, is_flag=True, expose_value=False, callback=_be_quiet, help=text)
    command.params.append(quiet)
    return command


class Verbs(click.Group):
    """The verbs, each imported when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the verbs in the order of a first use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Return a verb's command, or None."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(
            f".{cmd_name.replace('-', '_')}", __package__
        ).command
        return with_completion(with_values_once(_with_quiet(command)))

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        formatter: click.HelpFormatter,
    ) -> None:
        """List the verbs by what they are for, without importing any."""
        width = max(map(len, VERBS))
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(verb.ljust(width), line) for verb, line in verbs.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the verbs and options that a line may go on with, without importing any verb."""
        from click.shell_completion import CompletionItem

        verbs = [
            CompletionItem(name, help=text)
            for name, text in VERBS.items()
            if name.startswith(incomplete)
        ]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the verb that was probably meant when there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, n=1)
            if not near:
                raise
            message = f"{error.message} Did you mean {near[0]!r}?"
            raise click.UsageError(message, ctx) from error


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 policy met, 1 findings at or above the threshold, 2 usage, 3 not all "
    "was read, 4 signature or verification failed, 70 a bug in aibom, 130 interrupted (129 hung "
    "up, 143 terminated).",
)
@click.version_option(VERSION, prog_name="aibom")
@click.pass_context
def group(ctx: click.Context) -> None:
    """Read AI model files without loading them: find what would run, write a signed bill of
    materials (AI-BOM), and verify it downstream.
    """  # noqa: D205 - click folds it into one paragraph
    ctx.ensure_object(Console)


def run(arguments: list[str], sandbox: Sandbox | None = None) -> int:
    """Run the command line and return its exit code.

    `sandbox` was started before this module was imported; it is closed here.
    """
    console = Console(sandbox)
    with contextlib.ExitStack() as stack:
        if sandbox is not None:
            stack.enter_context(sandbox)
        return _guarded(arguments, console)


def _guarded(arguments: list[str], console: Console) -> int:
    try:
        result: Any = group.main(arguments, "aibom", standalone_mode=False, obj=console)
        return int(result) if isinstance(result, int) else int(Exit.OK)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort as error:  # what click makes of Ctrl-C
        return _interrupted(error.__cause__, console)
    except click.exceptions.NoArgsIsHelpError as error:
        console.tell(error.format_message())
        return Exit.USAGE
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            console.tell(error.ctx.get_usage())
        console.fail(safe(error.format_message().replace("\n\t", " ")))  # click's lists of choices
        return Exit.USAGE
    except AibomError as error:
        console.fail(safe(str(error)))
        return error.exit_code
    except KeyboardInterrupt as error:
        return _interrupted(error, console)
    except (BrokenPipeError, SystemExit) as error:
        return _unheard_or_completed(error)
    except Exception as error:  # noqa: BLE001 - the one boundary
        return _refused_or_bug(error, console)


def _interrupted(error: BaseException | None, console: Console) -> int:
    console.tell("interrupted")
    return 128 + error.number if isinstance(error, Terminated) else Exit.INTERRUPTED


def _unheard_or_completed(error: BaseException) -> int:
    """Tell apart of what click makes a SystemExit: a broken pipe, and an answer to a shell."""
    if isinstance(error, SystemExit) and not error.code:
        return Exit.OK
    _forget_output()
    return Exit.USAGE


def _forget_output() -> None:
    """Let the interpreter's last flush go nowhere: nobody reads our output, or it has no room."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused_or_bug(error: Exception, console: Console) -> int:
    """Tell why a signature was refused; anything else that comes here is a bug of ours."""
    from ..signatures.errors import SignatureError

    if isinstance(error, OSError) and error.errno in NO_ROOM:
        console.fail(f"the output could not be written: {str(error.strerror).lower()}.")
        _forget_output()
        return Exit.USAGE
    if isinstance(error, SignatureError):
        console.fail(f"{safe(str(error))} [{error.code}]\n{error.meaning}")
        return Exit.USAGE if error.is_usage else Exit.SIGNATURE
    import traceback

    trace = "".join(traceback.format_exception(error))
    console.fail(
        f"this is a bug in aibom {VERSION}. Please report it with these lines:\n"
        + "\n".join(safe(line) for line in trace.splitlines())
    )
    return Exit.BUG
