"""Sessions of the app without a browser: they speak the protocol of Streamlit's frontend over a WebSocket."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any
from urllib.parse import urlencode

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
NUMBER = re.compile(r"<span>(.*?)</span><b[^>]*>(.*?)</b>")


class Session:
    """One visitor: the page that the server has sent, and the values of the widgets that the visitor has set."""

    def __init__(self, port: int, page: str = "", **query: str) -> None:
        self.query = urlencode(query)
        self._page, self._hash = page, ""
        self._states: dict[str, WidgetState] = {}
        connection = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )
        self._socket: ClientConnection = connection.__enter__()
        self.elements: dict[tuple[int, ...], Any] = {}
        self.fragments: dict[tuple[int, ...], str] = {}  # the fragment of each element
        self.bytes_received = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def rerun(self, timeout: float = 120.0, fragment: str = "") -> float:
        """Run the page, or one fragment, and return the seconds until the server has sent all of it."""
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self._hash
        message.rerun_script.page_name = self._page
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        start = time.perf_counter()
        self._socket.send(message.SerializeToString())
        if not fragment:
            self.elements, self.fragments = {}, {}
        while True:
            raw = self._socket.recv(timeout=timeout)
            assert isinstance(raw, bytes)
            self.bytes_received += len(raw)
            received = ForwardMsg()
            received.ParseFromString(raw)
            kind = received.WhichOneof("type")
            if kind == "new_session" and not fragment:
                self.elements = {}
            elif kind == "navigation":
                self._hash = received.navigation.page_script_hash
            elif kind == "delta" and received.delta.WhichOneof("type") == "new_element":
                path = tuple(received.metadata.delta_path)
                self.elements[path] = received.delta.new_element
                self.fragments[path] = received.delta.fragment_id
            elif kind == "script_finished" and received.script_finished in FINISHED:
                return time.perf_counter() - start

    def settle(self, patience: float = 300.0) -> None:
        """Run the page until it shows no progress bar."""
        end = time.monotonic() + patience
        while self.rerun() and self.of_kind("progress"):
            if time.monotonic() > end:
                raise TimeoutError("The page did not come to rest.")
            time.sleep(0.3)

    def of_kind(self, kind: str) -> list[Any]:
        """Return the elements of one kind, in the order of the page."""
        ordered = sorted(self.elements.items())
        return [getattr(one, kind) for _, one in ordered if one.WhichOneof("type") == kind]

    def set_slider(self, label: str, value: float) -> None:
        """Move a slider of the sidebar; the next run of the page sends it."""
        slider = next(one for one in self.of_kind("slider") if one.label == label)
        state = WidgetState(id=slider.id)
        state.double_array_value.data.append(value)
        self._states[slider.id] = state

    def component(self, name: str) -> tuple[Any, str]:
        """Return a component by its name, with the fragment that draws it."""
        for path, one in self.elements.items():
            if one.WhichOneof("type") == "bidi_component" and one.bidi_component.component_name.endswith(f".{name}"):
                return one.bidi_component, self.fragments.get(path, "")
        raise LookupError(f"The page has no component {name!r}.")

    def set_state(self, component: Any, state: dict[str, Any]) -> None:
        """Set the state of a component; the next run of the page sends it."""
        self._states[component.id] = WidgetState(id=component.id, json_value=json.dumps(state))

    def numbers(self) -> dict[str, str]:
        """Return the numbers in rows of numbers, by name."""
        return dict(pair for one in self.of_kind("html") for pair in NUMBER.findall(one.body))

    def texts(self) -> list[str]:
        """Return the texts of the page."""
        return [one.body for one in self.of_kind("markdown")]

    def chart(self, key: str) -> dict[str, Any]:
        """Return the figure with this key as Plotly receives it."""
        found = next(one for one in self.of_kind("plotly_chart") if one.id.endswith(f"-{key}"))
        figure: dict[str, Any] = json.loads(found.spec)
        return figure


def values(array: Any) -> list[float]:
    """Return the values of an array of a figure, which may be encoded."""
    if isinstance(array, dict):
        return [float(one) for one in np.frombuffer(base64.b64decode(array["bdata"]), np.dtype(array["dtype"]))]
    return [float(one) for one in array]
