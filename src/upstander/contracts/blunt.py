"""What a dataset's rows tell of a person bluntly: a part of a postcode, an age band, a sex. Read off its contract."""

from upstander.contracts.dataset import DatasetContract, Shape

PLACE, PERSON, FURTHER = "postcode_sector", ("age_band", "sex"), "ethnic_group"


def does_not_apply(contract: DatasetContract) -> str:
    """Why it is no question what sector, age band and sex support in a dataset; empty where it is one."""
    if contract.shape is Shape.INDICATORS:
        return f"One row is {contract.one_row_is}: a published figure, about no single person."
    sent = sent_columns(contract)
    if PLACE not in sent:
        return "No postcode is sent with its rows."
    if missing := [name for name in PERSON if name not in sent]:
        lacking = " and no ".join(missing).replace("_", " ")
        return f"Its rows tell no {lacking}: they are about what happened, not who it was."
    return ""


def sent_columns(contract: DatasetContract) -> set[str]:
    """The warehouse columns that a sender of the dataset can fill."""
    return {name for column in contract.columns for name in column.becomes} | set(contract.classified_from)


def place_is_home(contract: DatasetContract) -> bool:
    """Whether the postcode of a row is that of its person's home; else it is of what happened."""
    column = contract.column("postcode")
    return column is not None and "home" in column.means
