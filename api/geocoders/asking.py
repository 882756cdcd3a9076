"""How is a geocoding service asked without a lookup ever failing or waiting for it?

One question is one GET request, and takes no longer than the time-out as a whole: connecting,
waiting, and an answer that drips. A service that hangs keeps a few threads busy, and whoever asks
then is told at once. The key and the address are in the query of the request, so no text of the
HTTP library goes into an error or a log line.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor

import httpx2

from api.geocoders.model import GeocodedPlace, Provider, refuse
from gis.errors import InputError

MOST_AT_ONCE = 8
LARGEST_ANSWER_BYTES = 1_000_000

# The library writes the whole address of each request, with the key, at level INFO.
logging.getLogger("httpx2").setLevel(logging.WARNING)


class Geocoder:
    """A geocoding service with its key; may be asked from any thread.

    Parameters
    ----------
    provider
        How the service is asked and understood.
    key
        The key of the installation; never shown.
    url
        Where the service is reached; its public address when None.
    city
        Name of the city in which addresses are looked for.
    timeout_s
        How long an answer may take as a whole.
    """

    def __init__(
        self,
        provider: Provider,
        key: str,
        *,
        url: str | None = None,
        city: str | None = None,
        timeout_s: float = 2.0,
    ) -> None:
        self._provider = provider
        self._key = key
        self._url = url or provider.url
        self._city = city
        self._timeout_s = timeout_s
        self._client = httpx2.Client(
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
            limits=httpx2.Limits(max_connections=MOST_AT_ONCE),
            headers={"User-Agent": "wangge"},
        )
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="geocoder")
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)

    def __repr__(self) -> str:
        return f"Geocoder({self.name!r})"

    @property
    def name(self) -> str:
        """The name of the provider, for answers."""
        return self._provider.name

    def geocode(self, text: str) -> GeocodedPlace | None:
        """Ask where an address is; None if the provider does not know it.

        Raises
        ------
        Unavailable
            The provider did not answer in time, or not as it should; the message says so without
            the address and the key.
        """
        if not self._free.acquire(blocking=False):
            raise refuse(self.name, f"{MOST_AT_ONCE} other questions are still waiting")
        try:
            asked = self._threads.submit(self._ask, text)
        except RuntimeError:
            self._free.release()
            raise refuse(self.name, "the server is being stopped") from None
        asked.add_done_callback(lambda _: self._free.release())
        try:
            return self._read(asked.result(timeout=self._timeout_s), text)
        except (TimeoutError, httpx2.TimeoutException, CancelledError):
            asked.cancel()
            raise refuse(self.name, f"nothing within {self._timeout_s:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RuntimeError) as error:
            raise refuse(self.name, type(error).__name__) from None

    def close(self) -> None:
        """Give up what is under way, and close all connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _ask(self, text: str) -> bytes:
        deadline = time.monotonic() + self._timeout_s
        query = self._provider.make_query(text, self._key, self._city)
        body = bytearray()
        with self._client.stream("GET", self._url, params=dict(query)) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER_BYTES or time.monotonic() > deadline:
                    raise TimeoutError
            # A wrong key is said with a 4xx and a body of its own.
            if answer.status_code >= 500 or not body:
                raise httpx2.HTTPError(f"{answer.status_code}")
        return bytes(body)

    def _read(self, body: bytes, text: str) -> GeocodedPlace | None:
        try:
            return self._provider.read(json.loads(body), text)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, InputError):
            raise refuse(self.name, "its answer has another form than expected") from None
