"""The notebook that runs a replication again through the Python interface."""

import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from harness.report.markdown import escape
from harness.report.material import Material
from harness.report.sections.again import is_imported
from harness.report.sections.outcome import models, outcome_sentence


def notebook(material: Material) -> str:
    """The text of `replication.ipynb`, without outputs; cell ids are fixed."""
    paper = material.paper
    cells = [
        new_markdown_cell(
            f"# Replication of [{escape(paper.title)}]({paper.url})\n\n"
            f"{escape(outcome_sentence(material))}\n\n"
            f"{_ABOUT_IMPORTED if is_imported(material) else _ABOUT}"
        ),
        new_code_cell('import harness\n\nharness.open_replication(".")'),
        new_markdown_cell("## Rows" if is_imported(material) else "## Run it again"),
        new_code_cell(f"r = {_call(material)}\nr"),
        new_code_cell("r.verdicts"),
        new_code_cell("r.measurements.head()"),
        new_markdown_cell("## Figures"),
        new_code_cell(
            "from IPython.display import Image, display\n\n"
            "for name, path in r.figures.items():\n"
            "    display(name, Image(filename=str(path)))"
        ),
    ]
    for index, each in enumerate(cells):
        each["id"] = f"cell-{index}"
    page = new_notebook(cells=cells, metadata=_METADATA)
    nbformat.validate(page)
    return json.dumps(page, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _call(material: Material) -> str:
    """What runs this very replication: data other than generated is named."""
    if is_imported(material):
        return 'harness.open_replication(".")'
    sources = {each.data for each in material.spec.experiments}
    arguments = [
        json.dumps(material.paper.id),
        f"model={json.dumps(models(material)[0])}",
        *([f"data={json.dumps(sources.pop())}"] if sources != {"generated"} else []),
        'output="runs"',
    ]
    line = f"harness.replicate({', '.join(arguments)})"
    lines = ",\n    ".join(arguments)
    return line if len(line) <= _MOST else f"harness.replicate(\n    {lines},\n)"


_MOST = 90
_ABOUT = "The first part reads this committed folder; the second runs it again, in `runs`."
_ABOUT_IMPORTED = (
    "Others measured these numbers; `harness rerun` reads their files again. Both parts read this "
    "committed folder."
)
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
