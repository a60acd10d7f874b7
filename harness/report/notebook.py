"""The notebook that runs a replication again through the Python interface."""

import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from harness.report.markdown import escape
from harness.report.material import Material
from harness.report.sections.outcome import models, outcome_sentence


def notebook(material: Material) -> str:
    """The text of `replication.ipynb`, without outputs; cell ids are fixed."""
    paper = material.paper
    cells = [
        new_markdown_cell(
            f"# Replication of [{escape(paper.title)}]({paper.url})\n\n"
            f"{escape(outcome_sentence(material))}\n\n"
            "The first part reads this committed folder; the second runs it again, in `runs`."
        ),
        new_code_cell('import harness\n\nharness.open_replication(".")'),
        new_markdown_cell("## Run it again"),
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
    sources = {each.data for each in material.spec.experiments}
    data = f", data={json.dumps(sources.pop())}" if sources != {"generated"} else ""
    paper, model = json.dumps(material.paper.id), json.dumps(models(material)[0])
    return f'harness.replicate({paper}, model={model}{data}, output="runs")'


_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
