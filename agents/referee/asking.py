"""Ask one member: its deadline, its retries, and a transcript whatever happens."""

import asyncio
import time
from typing import NamedTuple, Protocol

from agents.referee.answer import Answer, parse_answer
from agents.referee.dossier import Dossier
from agents.referee.panel_spec import Member, PanelSpec
from agents.referee.prompt import Prompt
from agents.referee.provider import Provider, Said
from agents.referee.providers import provider_for
from agents.referee.secret import key_of, without_key
from agents.referee.transcript import Reply, Transcript
from agents.sdk.errors import timed_out
from agents.sdk.unanswered import Problem, Unanswered
from harness.plain_text import plain

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 8.0
_LONGEST_MESSAGE = 300
_MOST_STORED = 500_000
"""Characters of a response's body; an answer has some thousands."""


class Referee(Protocol):
    """Somebody who can be asked about a dossier."""

    async def ask(self, dossier: Dossier) -> Transcript:
        """The answer, or the problem in its place. Never raises for what a server does."""
        ...


class _Course(NamedTuple):
    """How the asking went."""

    said: Said | None
    problem: Problem | None
    """Why nothing was said; `None` where something was."""
    earlier: tuple[Problem, ...]
    body: str | None
    seconds: float


class ModelReferee:
    """A member of a panel, asked over its provider's API.

    The deadline holds whatever the SDK does: its own timeout is for one silence of the server, and
    a server that sends a byte now and then is never silent.
    """

    def __init__(self, member: Member, panel: PanelSpec) -> None:
        """Raises `HarnessError` where the key or the SDK is missing."""
        self._member, self._panel = member, panel
        self._key = key_of(member)
        self._provider: Provider = provider_for(member, self._key)

    async def ask(self, dossier: Dossier) -> Transcript:
        """Ask until there is a response, the retries are spent or the deadline has come. Once only:
        the connection is closed after it."""
        prompt = Prompt.about(dossier)
        course = await self._within_deadline(prompt)
        return Transcript(
            member=self._member,
            sdk=self._provider.sdk,
            dossier_digest=dossier.text_digest,
            prompt_digest=prompt.digest,
            request=prompt,
            response=None if course.body is None else self._public(course.body)[:_MOST_STORED],
            earlier_problems=tuple(map(self._told, course.earlier)),
            reply=self._reply(course, prompt),
        )

    async def _within_deadline(self, prompt: Prompt) -> _Course:
        begin, deadline = time.monotonic(), self._panel.deadline_seconds
        failed: list[Unanswered] = []
        said, problem, body = None, None, None
        try:
            async with asyncio.timeout(deadline):
                said = await self._persist(prompt, failed, begin + deadline)
            body = said.body
        except Unanswered as error:
            problem, body = error.problem, error.body
        except TimeoutError:
            problem = timed_out(deadline).problem
        finally:
            await self._provider.close()
        earlier = tuple(each.problem for each in failed if each.problem is not problem)
        return _Course(said, problem, earlier, body, time.monotonic() - begin)

    async def _persist(self, prompt: Prompt, failed: list[Unanswered], end: float) -> Said:
        """Send, and send again after what passes. Raises the last `Unanswered`."""
        while True:
            try:
                return await self._provider.send(prompt, seconds=max(end - time.monotonic(), 0.001))
            except Unanswered as error:
                failed.append(error)
                wait = _wait_seconds(error, len(failed))
                spent = len(failed) > self._panel.retries
                if spent or not error.is_passing or time.monotonic() + wait >= end:
                    raise
                await asyncio.sleep(wait)

    def _reply(self, course: _Course, prompt: Prompt) -> Reply:
        answer, problem, said = None, course.problem, course.said
        if said is not None:
            answer, problem = self._read(said, prompt)
        return Reply(
            member=self._member.id,
            answer=answer,
            problem=None if problem is None else self._told(problem),
            model=plain(self._public(said.model)) if said and said.model else None,
            usage=said.usage if said else None,
            seconds=round(course.seconds, 3),
            attempts=len(course.earlier) + 1,
        )

    def _read(self, said: Said, prompt: Prompt) -> tuple[Answer | None, Problem | None]:
        if said.stopped is not None:
            return None, said.stopped
        try:
            return parse_answer(said.text, prompt.claims).changed(self._public), None
        except Unanswered as error:
            return None, error.problem

    def _told(self, problem: Problem) -> Problem:
        message = plain(self._public(problem.message), _LONGEST_MESSAGE)
        return problem.model_copy(update={"message": message})

    def _public(self, text: str) -> str:
        return without_key(text, self._key)


def _wait_seconds(error: Unanswered, failures: int) -> float:
    """What the server asks for, else twice as long each time. A wait past the deadline is none."""
    if error.retry_after_seconds is not None:
        return error.retry_after_seconds
    return min(_FIRST_WAIT_SECONDS * 2 ** (failures - 1), _LONGEST_WAIT_SECONDS)
