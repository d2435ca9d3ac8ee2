"""A page of JupyterLab or Notebook, driven as a person does; waits are for conditions, never for a time."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from host_page import HostPage

if TYPE_CHECKING:
    from pathlib import Path

    from lab_server import LabServer
    from playwright.sync_api import Browser, Locator

NOTEBOOK = "window.jupyterapp.shell.currentWidget"


def notebook_json(cells: list[str]) -> str:
    """Make a notebook of code cells."""
    made = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "metadata": {},
            "source": s,
            "execution_count": None,
            "outputs": [],
        }
        for i, s in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}})


class Lab(HostPage):
    """A page of JupyterLab or of Jupyter Notebook, which is made of the same parts."""

    server: LabServer

    def __init__(self, server: LabServer, browser: Browser, folder: Path, **size: int) -> None:
        super().__init__(server, browser, folder, **size)
        self._theme = "light"

    def open_cells(self, *cells: str, name: str = "test.ipynb") -> None:
        """Open a notebook made of these code cells."""
        notebook = self.folder / name
        notebook.write_text(notebook_json(list(cells)), encoding="utf-8")
        self.open(notebook)

    def open(self, notebook: Path) -> None:
        """Open a notebook that lies in the server's root, and wait for its kernel."""
        self.page.goto(self.server.url(notebook), wait_until="domcontentloaded")
        self.page.wait_for_function(
            f"() => window.jupyterapp && {NOTEBOOK}?.content?.widgets && {NOTEBOOK}.sessionContext"
        )
        self.page.evaluate(
            f"async () => {{ await {NOTEBOOK}.context.ready; await {NOTEBOOK}.sessionContext.ready; }}"
        )
        self.await_idle()
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")  # more room for the outputs

    def await_idle(self) -> None:
        """Wait until the kernel says it is idle."""
        self.page.wait_for_function(f"() => {NOTEBOOK}.sessionContext.session?.kernel?.status === 'idle'")

    def cell(self, index: int) -> Locator:
        """Find a cell; markdown cells count."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]').first

    def output(self, index: int) -> Locator:
        """Find the output of a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea").first

    def start_cell(self, index: int) -> None:
        """Run a cell and do not wait for it."""
        self.page.evaluate(
            f"""index => {{
                const notebook = {NOTEBOOK}.content;
                notebook.activeCellIndex = index;
                notebook.deselectAll();
                window.lastRun = window.jupyterapp.commands.execute('notebook:run-cell'); }}""",
            index,
        )

    def is_running(self) -> bool:
        """Tell whether the cell started last has not ended."""
        return bool(
            self.page.evaluate(
                """() => Promise.race([window.lastRun.then(() => false),
                                       new Promise(resolve => setTimeout(() => resolve(true), 0))])"""
            )
        )

    def await_subshell(self) -> None:
        """Wait until widget messages have a thread of their own in the kernel.

        JupyterLab asks for it when the first widget opens; messages sent before go to the main thread.
        """
        while "subshell" not in self.kernel_exec(
            "import threading; print([thread.name for thread in threading.enumerate()])"
        ):
            pass

    def await_cell(self) -> None:
        """Wait until the cell started last has ended.

        A kernel's status is no measure: it reads idle while a cell runs and a subshell has just answered.
        """
        self.page.evaluate("() => window.lastRun")

    def run_cell(self, index: int) -> None:
        """Run a cell as a person does, wait for it and fail with its traceback if it raised."""
        self.start_cell(index)
        self.await_cell()
        raised = self.page.evaluate(
            f"""index => {NOTEBOOK}.content.widgets[index].model.outputs.toJSON()
                .filter(output => output.output_type === 'error')
                .map(output => [output.ename, output.evalue, ...output.traceback].join('\\n'))""",
            index,
        )
        assert not raised, re.sub(r"\x1b\[[0-9;]*m", "", raised[0])

    def run_all(self) -> None:
        """Run every code cell from the top."""
        for index, kind in enumerate(self.cell_types()):
            if kind == "code":
                self.run_cell(index)

    def cell_types(self) -> list[str]:
        """List the kinds of the cells."""
        return list(self.page.evaluate(f"() => {NOTEBOOK}.content.widgets.map(cell => cell.model.type)"))

    def find_cell(self, text: str) -> int:
        """Find the first code cell whose source holds a text."""
        sources = self.page.evaluate(
            f"""() => {NOTEBOOK}.content.widgets
                .map(cell => cell.model.type === 'code' ? cell.model.sharedModel.getSource() : '')"""
        )
        return next(index for index, source in enumerate(sources) if text in source)

    def show(self, index: int) -> Locator:
        """Scroll a cell to the top of the window and return its output."""
        self.page.evaluate(
            f"""async index => {{ const notebook = {NOTEBOOK}.content; notebook.activeCellIndex = index;
                await notebook.scrollToItem(index, 'start'); }}""",
            index,
        )
        self.output(index).wait_for(state="visible")
        return self.output(index)

    def kernel_exec(self, code: str) -> str:
        """Run code in the notebook's kernel, outside its cells; return what it printed, fail if it raised."""
        said: dict[str, str] = self.page.evaluate(
            f"""async code => {{
                const kernel = {NOTEBOOK}.sessionContext.session.kernel;
                const future = kernel.requestExecute({{code, store_history: false}});
                const said = {{out: '', error: ''}};
                future.onIOPub = ({{header, content}}) => {{
                    if (header.msg_type === 'stream') said.out += content.text;
                    if (header.msg_type === 'error') said.error = content.traceback.join('\\n');
                }};
                await future.done;
                return said; }}""",
            code,
        )
        assert not said["error"], re.sub(r"\x1b\[[0-9;]*m", "", said["error"])
        return said["out"].strip()

    def restart_kernel(self) -> None:
        """Restart the kernel and wait until it answers again."""
        self.page.evaluate(f"() => {NOTEBOOK}.sessionContext.session.kernel.restart()")
        self.await_idle()

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate(f"() => {NOTEBOOK}.context.save()")

    def theme(self, name: str) -> None:
        """Switch JupyterLab to its ``light`` or ``dark`` theme."""
        dark = name == "dark"
        self._theme = name
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
            "JupyterLab Dark" if dark else "JupyterLab Light",
        )
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === String(light)", arg=not dark
        )

    def close(self) -> None:
        """Close the page and end its kernels; the server remembers a theme, so it gets the light one back."""
        if self._theme != "light":
            self.theme("light")
        super().close()
