"""What an experiment would train, its tables read; nothing here loads torch."""

from sigmoid_lab.config.schema import Csv, Experiment
from sigmoid_lab.data.split import refuse_small_table
from sigmoid_lab.data.table import read_table
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Plan, Table


def plan_of(experiment: Experiment) -> Plan:
    """Return the plan of an experiment; raise LabError with every fault of the tables that it names."""
    tables: dict[Csv, Table] = {}
    refused: set[Csv] = set()
    problems: dict[str, None] = {}
    plan = Plan(experiment, tables)
    for group in plan.groups:
        block = group.settings.data
        if not isinstance(block, Csv) or block in refused:
            continue
        try:
            if block not in tables:
                tables[block] = read_table(block)
            refuse_small_table(group.settings, tables[block])
        except LabError as error:
            refused.add(block)
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise LabError(*problems)
    return plan
