"""An agent that is a loop around one API: ask, run the tools that the model asks for, ask again.

What has been said is kept as it is said (`conversation`): after a crash no answer is asked for
again and no tool is run twice.
"""

import asyncio
import json
import time
from collections.abc import Callable, Generator, Iterator

from agents.drivers import conversation as said
from agents.drivers.api import Answer, Api, Call
from agents.drivers.conversation import Conversation
from agents.drivers.driver import DriverName, Turn, Wire
from agents.drivers.event import Called, Ended, Event, Returned, Said, Started, Used, Warned
from agents.drivers.retries import Retries
from agents.drivers.sessions import begun_anew
from agents.drivers.tools import Result, Toolbox
from agents.drivers.untrusted_json import Json
from agents.sdk.errors import timed_out
from agents.sdk.unanswered import Unanswered
from harness.record import HarnessError

MOST_ANSWERS = 200
"""Of one turn."""
_CUT = (
    "Your last answer was cut off, for it had as many tokens as one may have. Go on in smaller "
    "steps: write long files in parts."
)
_CALL_WAS_CUT = Result(False, f"not run. {_CUT}")
_INTERRUPTED = Result(False, "interrupted; whether it took effect is not known")
_NOT_RUN = Result(False, "not run: the turn was over")


class Loop:
    """A driver for one API."""

    def __init__(self, api: Api, *, session: str | None = None) -> None:
        """`session`: the one that every turn is of, where it is not the turn's to say."""
        self._api, self._session = api, session

    @property
    def name(self) -> DriverName:
        """As `--driver` takes it."""
        return self._api.name

    @property
    def wire(self) -> Wire | None:
        """The API that it speaks."""
        return self._api.wire

    def version(self) -> str:
        """Of the SDK. Raises `HarnessError` where it is not installed."""
        return self._api.version()

    def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
        """Ask until the model stops; `raw` is given each answer and each result as JSON."""
        try:
            conversation = Conversation(turn.memory, self._session or turn.session)
            yield from _Course(self._api, turn, raw, conversation).events()
        except (HarnessError, Unanswered) as error:
            yield Ended(how="failed", message=str(error))


class _Course:
    """One turn, or what is left of it."""

    def __init__(
        self, api: Api, turn: Turn, raw: Callable[[str], None], conversation: Conversation
    ) -> None:
        self._api, self._turn, self._raw, self._conversation = api, turn, raw, conversation
        self._is_anew = not conversation.items
        self._toolbox = Toolbox(turn.cell, turn.memory)
        self._end = time.monotonic() + turn.deadline_seconds

    def events(self) -> Iterator[Event]:
        session, prompt = self._conversation.session, self._prompt
        end = self._conversation.end_of(prompt)
        if end is not None:
            yield Ended(how=end.how, text=end.text, message=end.message, session=session)
            return
        if not self._conversation.is_amid(prompt):
            self._close_calls()
            self._conversation.append(prompt)
        yield Started(session=session, model=self._turn.model)
        if self._turn.session is not None and self._is_anew:
            yield Warned(message=begun_anew(self._turn.session))
        ended = yield from self._until_ended()
        told = said.Ended(how=ended.how, text=ended.text, message=ended.message)
        self._conversation.append(told)
        yield ended

    @property
    def _prompt(self) -> said.Prompted:
        return said.Prompted(text=self._turn.prompt, turn=self._turn.number)

    def _close_calls(self) -> None:
        """Give each call of a turn that is over a result, which the API wants before it goes on."""
        answered = self._conversation.last_answer
        if answered is None:
            return
        for place, call in self._open(self._api.read(answered.answer)):
            began = place in self._conversation.of_last.began
            self._keep(place, call, _INTERRUPTED if began else _NOT_RUN)

    def _until_ended(self) -> Generator[Event, None, Ended]:
        """Goes on from wherever the conversation stands."""
        while True:
            answered = self._conversation.last_answer
            if answered is not None:
                answer = self._api.read(answered.answer)
                yield from self._take_up(answer)
                ended = self._ended_by(answer)
                if ended is not None:
                    return ended
            if self._seconds_left <= 0:
                return self._ended_at_deadline()
            if self._conversation.answers >= MOST_ANSWERS:
                return self._ended("turns", f"over {MOST_ANSWERS} answers in one turn")
            ended = yield from self._ask()
            if ended is not None:
                return ended

    def _ask(self) -> Generator[Event, None, Ended | None]:
        """Get the next answer and keep it. An end where there is none."""
        retries = Retries()
        while True:
            try:
                raw = asyncio.run(self._sent())
                answer = self._api.read(raw)
                break
            except Unanswered as error:
                wait = retries.wait_seconds(error)
                if error.problem.kind == "timeout":
                    return self._ended_at_deadline()
                if wait is None or wait >= self._seconds_left:
                    return self._given_up(error)
                yield Warned(message=f"{error}; again in {wait:.3g} s")
                time.sleep(wait)
        is_refusal = answer.stop == "refused"
        self._conversation.append(said.Answered(answer=raw, is_refusal=is_refusal))
        self._raw(json.dumps(raw))
        yield from _told(answer)
        return None

    async def _sent(self) -> Json:
        """The deadline holds whatever the SDK does: its own is for one silence of the server."""
        seconds = max(self._seconds_left, 0.001)
        try:
            async with asyncio.timeout(seconds):
                items = self._conversation.items
                return await self._api.send(self._turn, items, seconds=seconds)
        except TimeoutError as error:
            raise timed_out(seconds) from error

    def _take_up(self, answer: Answer) -> Iterator[Event]:
        """Run the calls that have no result yet, as long as there is time."""
        for place, call in self._open(answer):
            if self._seconds_left <= 0:
                return
            yield Called(call=call.id, tool=call.tool, arguments=call.arguments)
            result = _CALL_WAS_CUT if answer.stop == "cut" else self._run(place, call)
            self._keep(place, call, result)
            yield Returned(call=call.id, ok=result.ok, output=result.output)
        is_told = isinstance(self._conversation.items[-1], said.Noted)
        if answer.stop == "cut" and not answer.calls and not is_told:
            self._conversation.append(said.Noted(text=_CUT))

    def _open(self, answer: Answer) -> list[tuple[int, Call]]:
        """The calls of the last answer that have no result, with their places."""
        if answer.stop == "refused":
            return []
        done = self._conversation.of_last.resulted
        return [(place, call) for place, call in enumerate(answer.calls) if place not in done]

    def _run(self, place: int, call: Call) -> Result:
        if call.problem is not None:
            return Result(False, call.problem)
        if place in self._conversation.of_last.began:
            return _INTERRUPTED
        self._conversation.append(said.Began(place=place))
        return self._toolbox.run(call.tool, call.arguments, seconds=self._seconds_left)

    def _keep(self, place: int, call: Call, result: Result) -> None:
        kept = said.Resulted(place=place, call=call.id, ok=result.ok, output=result.output)
        self._conversation.append(kept)
        self._raw(kept.model_dump_json())

    def _ended_by(self, answer: Answer) -> Ended | None:
        text = answer.text or None
        match answer.stop:
            case "done":
                return self._ended("done", None, text=text)
            case "refused":
                return self._ended("refused", "the model declined to answer", text=text)
            case "full":
                return self._ended_full()
            case "calls" | "again" | "cut":
                return None

    def _given_up(self, error: Unanswered) -> Ended:
        # The SDKs begin with the status themselves.
        words = (error.said or error.problem.message).removeprefix(f"Error code: {error.status} - ")
        if any(sign in words.lower() for sign in _TOO_LONG):
            return self._ended_full()
        return self._ended("failed", f"HTTP {error.status}: {words}" if error.status else words)

    def _ended_full(self) -> Ended:
        """Without a session, so that the next turn begins with nothing behind it."""
        message = "the conversation is longer than the model can read"
        return Ended(how="failed", message=message)

    def _ended_at_deadline(self) -> Ended:
        return self._ended("deadline", f"over {self._turn.deadline_seconds:g} s")

    def _ended(self, how: said.How, message: str | None, *, text: str | None = None) -> Ended:
        session = self._conversation.session
        return Ended(how=how, message=message, text=text, session=session)

    @property
    def _seconds_left(self) -> float:
        return self._end - time.monotonic()


_TOO_LONG = (
    "context_length_exceeded",
    "prompt is too long",
    "maximum context length",
    "context window",
)
"""In the words by which servers refuse a request that is too long."""


def _told(answer: Answer) -> Iterator[Said | Used]:
    if answer.text:
        yield Said(text=answer.text)
    if answer.used is not None:
        yield answer.used
