"""Fit a small model with numpy that tells the busy half hours of New York's taxis from the calm ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examples.work.files import replacing
from examples.work.progress import Progress, silent
from examples.work.traces import TRACES, read_rows

Array = NDArray[np.float64]
TRAINING_SHARE = 0.8
DAY_SECONDS = 86_400
WAVES = 4


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """How to fit: full-batch gradient descent with an L2 penalty."""

    epochs: int = 1000
    learning_rate: float = 2.0
    l2: float = 0.0001


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model: weights of shape (features + 1,), the last one the intercept, and the last training loss."""

    weights: Array
    loss: float


def load_dataset(name: str) -> tuple[Array, Array]:
    """Features of shape (rows, 63) made of the time alone, and labels of shape (rows,): 1.0 where demand is high.

    Demand is high above the median of the trace. The features are a daily curve (a constant and four pairs of waves)
    for each day of the week. Raises KeyError for a name that is not in ``TRACES``.
    """
    rows = np.asarray(read_rows(TRACES[name]), dtype=np.float64)
    seconds, rate = rows[:, 0], rows[:, 1]
    angle = 2 * np.pi * (seconds % DAY_SECONDS) / DAY_SECONDS
    waves = [wave(number * angle) for number in range(1, WAVES + 1) for wave in (np.sin, np.cos)]
    curve = np.column_stack([np.ones_like(angle), *waves])
    weekday = np.eye(7)[(seconds // DAY_SECONDS).astype(int) % 7]
    features = (weekday[:, :, np.newaxis] * curve[:, np.newaxis, :]).reshape(len(seconds), -1)
    return features, (rate > np.median(rate)).astype(np.float64)


def predict(features: Array, weights: Array) -> Array:
    """Probabilities of shape (rows,): the logistic function of the weighted features."""
    scores = features @ weights[:-1] + weights[-1]
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))), dtype=np.float64)


def fit(features: Array, labels: Array, settings: Hyperparameters, progress: Progress = silent) -> Fit:
    """Minimise the mean cross-entropy plus l2/2 * |w|^2 (the intercept is not penalised); progress per epoch."""
    weights = np.zeros(features.shape[1] + 1)
    loss = float("nan")
    for epoch in range(1, settings.epochs + 1):
        probability = predict(features, weights)
        error = probability - labels
        gradient = np.append(features.T @ error / len(labels) + settings.l2 * weights[:-1], error.mean())
        weights = weights - settings.learning_rate * gradient
        loss = float(-np.log(np.where(labels == 1, probability, 1 - probability)).mean())
        progress(100 * epoch / settings.epochs, f"epoch {epoch} of {settings.epochs}, loss {loss:.4f}")
    return Fit(weights, loss)


def accuracy(features: Array, labels: Array, weights: Array) -> float:
    """Share of rows, 0 to 1, that the model puts on the right side of one half."""
    return float(((predict(features, weights) > 0.5) == (labels == 1)).mean())


def train_model(
    dataset: str, settings: Hyperparameters, target: Path, progress: Progress = silent
) -> dict[str, object]:
    """Fit on the first four fifths of the data, test on the rest, save weights and metrics to ``target`` (npz).

    Returns ``{accuracy, loss, epochs, trainedOn, testedOn}``.
    """
    features, labels = load_dataset(dataset)
    # Split by time, not at random: the model is tested on days that it has never seen.
    border = int(len(labels) * TRAINING_SHARE)
    model = fit(features[:border], labels[:border], settings, progress)
    score = accuracy(features[border:], labels[border:], model.weights)
    with replacing(target) as partial:
        np.savez(partial, weights=model.weights, accuracy=score, loss=model.loss)
    return {
        "accuracy": round(score, 4),
        "loss": round(model.loss, 4),
        "epochs": settings.epochs,
        "trainedOn": border,
        "testedOn": len(labels) - border,
    }
