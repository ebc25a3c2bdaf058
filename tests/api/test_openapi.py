"""The OpenAPI document and its page, as they are served."""

from tests.contract.conformance import contract


def test_the_document_that_is_served_is_the_one_that_is_tested(api):
    assert api.get("/openapi.json").json() == contract().document


def test_the_documentation_page_needs_nothing_from_elsewhere(api):
    page = api.get("/docs")
    assert page.status_code == 200
    assert b"https://" not in page.content
