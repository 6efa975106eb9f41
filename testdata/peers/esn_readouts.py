"""Writes esn/testdata/readouts.json: classifiers of scikit-learn on small random data, which the
readouts of package esn are compared with.

    python -m pip install scikit-learn==1.9.1 numpy==2.4.6
    python testdata/peers/esn_readouts.py > esn/testdata/readouts.json
"""

import json

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = numpy.random.default_rng(7)
rows, features, classes = 50, 6, 3
label = rng.integers(0, classes, rows)
x = rng.normal(size=(rows, features)) * [1, 10, 0.1, 1, 2, 1] + [0, 5, 0, 1, 0, -3]
x[:, 3] = x[:, 0] + 1e-3 * rng.normal(size=rows)  # states of a reservoir are alike
x[:, 5] += label
x = x.round(6)


def logistic(c, y):
    return LogisticRegression(C=c, tol=1e-12, max_iter=10000, solver="newton-cg").fit(x, y)


cases = []
for c in (1.0, 100.0):
    for name, y in (("softmax", label), ("logistic", (label == 1).astype(int))):
        plain = logistic(c, y)
        scaled = make_pipeline(StandardScaler(), LogisticRegression(C=c, tol=1e-12, max_iter=10000, solver="newton-cg")).fit(x, y)
        for standardise, m in ((False, plain), (True, scaled)):
            p = m.predict_proba(x)
            cases.append(dict(kind="softmax", penalty=1 / c, standardise=standardise, outputs=classes if name == "softmax" else 1,
                              prediction=(p if name == "softmax" else p[:, 1:]).tolist()))
for alpha in (1.0, 1e-3):
    for standardise in (False, True):
        m = RidgeClassifier(alpha=alpha, solver="cholesky")
        m = make_pipeline(StandardScaler(), m) if standardise else m
        scores = m.fit(x, label).decision_function(x)
        cases.append(dict(kind="ridge_classifier", penalty=alpha, standardise=standardise, outputs=classes, prediction=((scores + 1) / 2).tolist()))
print(json.dumps(dict(scikit_learn=sklearn.__version__, numpy=numpy.__version__, x=x.tolist(), label=label.tolist(), cases=cases)))
