"""Inputs and expected outcomes as data; each module holds the cases of one subject."""

from . import bodies, endings, limits, request_fields, request_lines, responses

CORPUS = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (bodies, endings, limits, request_fields, request_lines, responses)
}
