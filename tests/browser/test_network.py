"""The guard at the sockets: what every test here relies on when nothing complains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab import Lab

# an address that belongs to nobody
REACH = """
import socket
try:
    socket.create_connection(("192.0.2.1", 9), timeout=1)
except OSError as error:
    print(error)
"""


def test_a_kernel_that_reaches_for_another_machine_is_stopped_and_told_on(lab: Lab) -> None:
    lab.open_cells("")
    assert lab.kernel_exec(REACH) == "192.0.2.1 is another machine"
    told = lab.server.attempts()
    assert told
    assert all("192.0.2.1" in line for line in told)


def test_a_page_that_reaches_for_another_machine_is_told_on(lab: Lab) -> None:
    lab.open_cells("")
    lab.page.evaluate("() => fetch('http://192.0.2.1:9/').catch(() => null)")
    told = lab.take_complaints()
    assert "left the machine: http://192.0.2.1:9/" in told
