import json, os, sys
import tensorflow as tf
from safetensors.tensorflow import save_file

folder, side = sys.argv[1], int(sys.argv[2])
tf.keras.backend.set_floatx("float64")
L = tf.keras.layers
model = tf.keras.Sequential([  # our cnn with one stage of 4 channels, by our names; the features are flattened in PyTorch's order (channels first)
    tf.keras.Input((side, side, 1)),
    L.Conv2D(4, 3, padding="same", use_bias=False, name="0.0"), L.BatchNormalization(epsilon=1e-5, name="0.1"), L.ReLU(name="0.2"),
    L.Conv2D(4, 3, padding="same", use_bias=False, name="0.3"), L.BatchNormalization(epsilon=1e-5, name="0.4"), L.ReLU(name="0.5"),
    L.MaxPool2D(name="0.6"), L.Permute((3, 1, 2), name="permute"), L.Flatten(name="0.7"), L.Dense(10, name="2")])
t = {"x": tf.random.uniform((2, side, side, 1), dtype="float64"), "labels": tf.constant([7, 3])}
model(t["x"], training=True)  # moves the running statistics from their start
ours = {"kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
with tf.GradientTape() as tape:
    y = t["x"]
    for layer in model.layers:
        y = layer(y)
        if layer.name != "permute":
            t["a." + layer.name] = y
    t["loss"] = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(t["labels"], y, from_logits=True), keepdims=True)
names = {id(v): layer.name + "." + ours[v.name.split("/")[-1].split(":")[0]] for layer in model.layers for v in layer.weights}
t.update({"w." + names[id(v)]: tf.identity(v) for v in model.weights})
t.update({"g." + names[id(v)]: g for v, g in zip(model.trainable_weights, tape.gradient(t["loss"], model.trainable_weights))})
os.makedirs(folder, exist_ok=True)
save_file(t, folder + "/cnn.safetensors")
json.dump({"kind": "layers", "tolerance": {"float64": {"rtol": 1e-12}, "float32": {"rtol": 1e-5}},
           "cases": [{"name": "cnn", "model": {"model": "cnn", "hidden": [4]}, "layout": "keras"}]}, open(folder + "/cnn.json", "w"))
