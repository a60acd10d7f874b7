"""Small PDFs, and a server that gives what it is told to, or misbehaves."""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

PAGES = ("Probes reach 79% accuracy on held-out pairs.", "The loss falls by 3.2 nats in all runs.")


def pdf(
    *pages: str, title: str | None = None, password: str | None = None, owner: str | None = None
) -> bytes:
    """Each page is one line of Helvetica; an empty one holds nothing."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(width=600, height=800)
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        shown = text.replace("(", "\\(").replace(")", "\\)")
        stream.set_data(f"BT /F1 12 Tf 50 700 Td ({shown}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    if title:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password, owner_password=owner, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


class Answer(NamedTuple):
    """What the server gives at a path."""

    content: bytes = b""
    content_type: str | None = None
    status: int = 200
    location: str | None = None
    said_length: int | None = None
    pause: float = 0.0


@contextmanager
def paper_server(answers: dict[str, Answer]) -> Iterator[str]:
    """The address of a server on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path, Answer(status=404))
            self.send_response(answer.status)
            if answer.content_type:
                self.send_header("Content-Type", answer.content_type)
            if answer.location:
                self.send_header("Location", answer.location)
            length = len(answer.content) if answer.said_length is None else answer.said_length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            try:
                self._give(answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _give(self, answer: Answer) -> None:
            if not answer.pause:
                self.wfile.write(answer.content)
            for byte in answer.content if answer.pause else b"":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(answer.pause)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
