"""The notebook runs from its first cell to its last and shows the result."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.e2e.conftest import ROOT


@pytest.mark.usefixtures("quick")
def test_quickstart() -> None:
    notebook = nbformat.reads((ROOT / "examples/quickstart.ipynb").read_text(), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = "\n".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    assert "mermaid" in shown
    assert "t1_data_integration" in shown
    assert "'completed'" in shown
    assert "should_enter" in shown
