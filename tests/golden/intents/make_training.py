#!/usr/bin/env python3
"""Makes training.json: what scikit-learn and numpy say of a small made-up set, for tests/intents/training_test.cc.

    pip install scikit-learn==1.9.0 numpy   # another version gives the same to six digits
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression

CLASSES, COLUMNS, ROWS, STRENGTH, SHRINKAGE = 5, 7, 90, 3.0, 0.3


def main():
    random = np.random.RandomState(1)
    labels = np.arange(ROWS) % CLASSES
    centres = random.randn(CLASSES, COLUMNS)
    x = np.round(centres[labels] + 0.8 * random.randn(ROWS, COLUMNS), 3)
    model = LogisticRegression(C=STRENGTH, tol=1e-10, max_iter=10000).fit(x, labels)
    # Relative Mahalanobis distance in the whole space; CLASSES - 1 discriminants say the same of the class means.
    mean = x.mean(0)
    means = np.stack([x[labels == c].mean(0) for c in range(CLASSES)])
    centred = x - means[labels]
    within = centred.T @ centred / ROWS
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.trace(within) / COLUMNS * np.eye(COLUMNS)
    between = (means - mean).T @ (means - mean) / CLASSES
    inverse, background = np.linalg.inv(within), np.linalg.inv(within + between)
    distances = []
    for row in x:
        nearest = min((row - m) @ inverse @ (row - m) for m in means)
        distances.append(nearest - (row - mean) @ background @ (row - mean))
    golden = {
        "x": x.tolist(), "labels": labels.tolist(), "strength": STRENGTH, "shrinkage": SHRINKAGE,
        "weights": model.coef_.tolist(), "biases": model.intercept_.tolist(),
        "logits": model.decision_function(x[:8]).tolist(), "distances": distances,
    }
    path = pathlib.Path(__file__).with_name("training.json")
    path.write_text(json.dumps(golden) + "\n")


main()
