"""``train-model``: logistic regression on a shipped trace."""

import time
from typing import Annotated, Literal

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.output import output
from jobs import current_job, handler


class HyperparametersPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """How to fit."""

    epochs: Annotated[int, Meta(ge=1, le=1_000_000)] = 1000
    learning_rate: Annotated[float, Meta(gt=0, le=10)] = 2.0
    l2: Annotated[float, Meta(ge=0, le=10)] = 0.0001


class TrainingPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """What to fit on which data, and the version to save it as."""

    dataset: Literal["nyc_taxi"] = "nyc_taxi"
    model_type: Literal["logistic-regression"] = "logistic-regression"
    hyperparameters: HyperparametersPayload = HyperparametersPayload()
    version: Name = "1"


@handler("train-model", queue="training", timeout=3600)
def train_model(payload: TrainingPayload) -> dict[str, object]:
    """Fit, test, save; an hour at most. Every epoch reports its loss."""
    from examples.work import training

    started = time.monotonic()
    settings = training.Hyperparameters(
        payload.hyperparameters.epochs, payload.hyperparameters.learning_rate, payload.hyperparameters.l2
    )
    target = output("models", f"{payload.dataset}-{payload.version}.npz")
    metrics = training.train_model(payload.dataset, settings, target, current_job.update_progress)
    current_job.log(f"accuracy {metrics['accuracy']} on {metrics['testedOn']} half hours never seen")
    return {**metrics, "modelPath": target.name, "trainingTimeMs": round(1000 * (time.monotonic() - started))}
