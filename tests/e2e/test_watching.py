"""The kit itself: what must not happen in a browser is seen."""

import pytest


def test_a_violation_of_the_policy_is_seen(visit):
    page, watch = visit()
    page.goto("/")
    with watch.expecting("script-src-elem blocked inline", "style-src-attr blocked inline"):
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.evil = 1";
            document.body.append(script);
            document.querySelector("h1").setAttribute("style", "color: red");
        }""")
        with pytest.raises(AssertionError, match="policy on"):
            watch.check()


def test_an_error_of_a_script_is_seen(visit):
    page, watch = visit()
    page.goto("/")
    with watch.expecting("script: a bug", "console: said"):
        page.evaluate("""() => new Promise((done) => {
            setTimeout(() => { throw new Error("a bug"); });
            console.error("said");
            setTimeout(done);
        })""")


def test_markup_that_came_out_of_a_job_is_seen(visit):
    page, watch = visit()
    page.goto("/")
    with watch.expecting("injected on"):
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b data-evil></b>')")
        watch.settle()
        page.evaluate("document.querySelector('[data-evil]').remove()")


def test_an_answer_that_refuses_is_seen(visit):
    page, watch = visit()
    with watch.expecting("answer: 404 GET"):
        page.goto("/there-is-no-such-page")
