"""What a sender is handed before they send: the page that checks a file on their own computer, and the guide."""

from upstander.contracts.dataset import DatasetContract
from upstander.contracts.guide import guide_html
from upstander.contracts.template_sheets import template_xlsx
from upstander.contracts.templates import template_csv
from upstander.errors import WrongUsage
from upstander.intake import suppliers
from upstander.intake.checker import checker_html
from upstander.pipeline.home import Home

HANDOUTS = {
    "template.xlsx": "A workbook to fill, with drop-down lists",
    "template.csv": "An empty CSV file with the headings",
    "checker.html": "A page that checks a CSV file on your own computer and sends nothing",
    "guide.html": "How to make the extract, on one page",
}


def handout(home: Home, kind: str, *, dataset: str, supplier: str) -> bytes:
    """One of HANDOUTS for a feed. Raises WrongUsage for a kind or a map there is not."""
    layout = suppliers.load(supplier, folders=[home.suppliers])
    if layout.dataset != dataset or kind not in HANDOUTS:
        raise WrongUsage(f"There is no {kind} of {dataset} here.", found=kind, expected=", ".join(HANDOUTS))
    if kind == "checker.html":
        return checker_html(layout).encode()
    return _of_contract(suppliers.contract_of(layout), kind)


def _of_contract(contract: DatasetContract, kind: str) -> bytes:
    if kind == "template.xlsx":
        return template_xlsx(contract)
    return template_csv(contract) if kind == "template.csv" else guide_html(contract).encode()
