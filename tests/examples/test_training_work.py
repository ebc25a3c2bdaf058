"""The model that tells busy half hours from calm ones."""

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from examples.work import training  # noqa: E402
from examples.work.training import Hyperparameters  # noqa: E402


def test_the_model_learns_when_taxis_are_busy(tmp_path: Path) -> None:
    result = training.train_model("nyc_taxi", Hyperparameters(), tmp_path / "model.npz")
    assert float(str(result["accuracy"])) > 0.85
    assert (result["trainedOn"], result["testedOn"]) == (1344, 336)


def test_the_saved_model_predicts_as_the_fitted_one(tmp_path: Path) -> None:
    result = training.train_model("nyc_taxi", Hyperparameters(epochs=50), tmp_path / "model.npz")
    features, labels = training.load_dataset("nyc_taxi")
    with np.load(tmp_path / "model.npz") as saved:
        again = training.accuracy(features[1344:], labels[1344:], saved["weights"])
    assert again == pytest.approx(result["accuracy"], abs=1e-4)


def test_every_epoch_reports_and_the_loss_falls(tmp_path: Path) -> None:
    seen: list[tuple[float, str]] = []
    training.train_model(
        "nyc_taxi",
        Hyperparameters(epochs=10, learning_rate=0.5),
        tmp_path / "m.npz",
        lambda percent, text: seen.append((percent, text)),
    )
    assert [percent for percent, _ in seen] == [10.0 * number for number in range(1, 11)]
    losses = [float(text.rsplit(" ", 1)[1]) for _, text in seen]
    assert losses == sorted(losses, reverse=True)


def test_gradient_descent_finds_the_border_of_a_line() -> None:
    features = np.linspace(-1, 1, 200).reshape(-1, 1)
    labels = (features[:, 0] > 0).astype(float)
    model = training.fit(features, labels, Hyperparameters(epochs=500, learning_rate=1.0, l2=0.0))
    assert training.accuracy(features, labels, model.weights) > 0.98


def test_an_unknown_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        training.train_model("nowhere", Hyperparameters(), tmp_path / "m.npz")
