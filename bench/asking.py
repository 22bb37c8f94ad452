"""A small client for load: one connection, one page, asked for again and again; no more of HTTP than that needs."""

import socket
from itertools import count

_PATIENCE_S = 60.0


class Asker:
    """One reader's connection. What the page was lies in `body`. `anew`: each time at another address of the page."""

    def __init__(self, port: int, page: str, session: str = "", *, anew: bool = False) -> None:
        cookie = f"Cookie: __Host-session={session}\r\n" if session else ""
        address = f"{page}?look=%d" if anew else page
        self._asked = f"GET {address} HTTP/1.1\r\nHost: localhost:{port}\r\n{cookie}\r\n"
        self._port, self._looks = port, count() if anew else None
        self._socket: socket.socket | None = None
        self.body = b""

    def ask(self) -> int:
        """The status of the answer; 0 where there was none."""
        for _ in range(2):  # a server may have closed a connection that was left alone
            is_old = self._socket is not None
            try:
                return self._asked_once()
            except OSError:
                self._close()
                if not is_old:
                    break
        return 0

    def _asked_once(self) -> int:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE_S)
        asked = self._asked if self._looks is None else self._asked % next(self._looks)
        self._socket.sendall(asked.encode())
        held = b""
        while b"\r\n\r\n" not in held:
            held += self._received()
        head, _, body = held.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        named = {name: value.strip() for name, _, value in (line.lower().partition(b":") for line in lines[1:])}
        length = int(named.get(b"content-length", b"0"))
        while len(body) < length:
            body += self._received()
        if named.get(b"transfer-encoding") == b"chunked":
            while not body.endswith(b"0\r\n\r\n"):
                body += self._received()
        self.body = body
        if named.get(b"connection") == b"close":
            self._close()
        return int(lines[0].split()[1])

    def _received(self) -> bytes:
        assert self._socket is not None
        found = self._socket.recv(65_536)
        if not found:
            raise ConnectionResetError
        return found

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
