"""The M2 network in TensorFlow (Keras layers), measured on the CPU: time of a training step, of a forward pass, and peak memory.

    python m2_tf.py --threads 2 --start gamma05 --what step,memory,forward,forward1
    python m2_tf.py --start gamma05 --verify
    python m2_tf.py --start own --seed 1 --train 100
"""

import os

import m2_peer as m2

args = m2.arguments(__doc__)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, regularizers

tf.config.threading.set_intra_op_parallelism_threads(args.threads)
tf.config.threading.set_inter_op_parallelism_threads(args.threads)
tf.keras.utils.set_random_seed(args.seed)


def norm(name):
    return layers.LayerNormalization(epsilon=m2.EPSILON, name=name)


def conv(width, name, padding="same"):
    return layers.Conv2D(width, 3, padding=padding, activation="elu", name=name)


def dense(width, name):
    return layers.Dense(width, activation="elu", name=name)


def tensor_network(x):
    """The live part of the published wiring: one dense layer a neuron, products by x, attention over motors and key heads."""
    interneurons, motors = m2.topology(args.reference)
    state = {None: x}
    for vertex, sensors in interneurons:
        y = dense(m2.WIDTH, f"tn.inter.{vertex}")(x)
        for _ in range(sensors - 1):
            y = layers.Multiply()([y, x])
        state[vertex] = y
    stack = tf.stack([dense(m2.WIDTH, f"tn.motor.{vertex}")(state[source]) for vertex, source in motors], axis=1)
    attention = layers.MultiHeadAttention(m2.HEADS, m2.KEY_DIM, attention_axes=(1, 2), name="mha")
    return norm("tn.norm")(attention(x[:, tf.newaxis, :], stack)[:, 0, :])


def network():
    image = layers.Input((28, 28, 1))
    h = image
    for i, width in enumerate(m2.ENCODER):
        h = conv(width, f"enc.conv{i + 1}")(h)
        if i < 2:
            h = layers.MaxPooling2D()(h)
    x = norm("s_init")(dense(m2.WIDTH, "enc.dense")(layers.Flatten()(h)))
    h = layers.Multiply()([norm("norm_e")(tensor_network(x)), norm("norm_x")(x)])
    for i, width in enumerate(m2.DENSE + (16 * m2.LATENT,)):
        h = dense(width, f"dec.dense{i + 1}")(h)
    h = layers.BatchNormalization(epsilon=m2.EPSILON, name="dec.bn")(layers.Reshape((4, 4, m2.LATENT))(h))
    for i, width in enumerate(m2.DECODER):
        h = layers.UpSampling2D()(conv(width, f"dec.conv{i + 1}", "valid" if i == 2 else "same")(h))
    l1 = regularizers.l1(m2.L1)
    out = layers.Conv2D(1, 3, padding="same", activation="sigmoid", kernel_regularizer=l1, bias_regularizer=l1, activity_regularizer=l1, name="dec.out")
    return tf.keras.Model(image, out(h))


model = network()
if args.start != "own":
    for v in model.weights:
        name = v.name.removesuffix(":0").replace("/", ".").replace("mha.attention_output", "mha.out")
        v.assign(m2.hashed(name, tuple(v.shape), 0.5 if args.start == "gamma05" else 1))
model.compile(optimizer=tf.keras.optimizers.Adam(1e-3), loss="binary_crossentropy")  # its epsilon is 1e-7
assert model.count_params() == 87_851_345, model.count_params()

if args.verify:
    m2.check(
        args, "tensorflow", lambda x: model(x, training=True).numpy(), lambda x: model(x, training=False).numpy(),
        lambda x, n: [float(model.train_on_batch(x, x)) for _ in range(n)])

if args.train:
    data = m2.images(args.data, args.train * args.batch, "train")
    order = np.random.default_rng(args.seed).permutation(len(data)).reshape(args.train, args.batch)
    model.compile(optimizer=model.optimizer, loss=model.loss, metrics=["binary_accuracy"])
    results = np.array([model.train_on_batch(data[i], data[i]) for i in order])
    for end in range(25, args.train + 1, 25):
        loss, accuracy = results[end - 25 : end].mean(0)
        print(f"steps {end - 24} to {end}: loss {loss:.4f}, pixel accuracy {accuracy:.4f}")
    print("all: loss {:.4f}, pixel accuracy {:.4f}".format(*results.mean(0)))
    raise SystemExit

x = tf.constant(m2.images(args.data, args.batch, "train"))
infer = tf.function(lambda x: model(x, training=False))  # traced once a batch size
m2.serve(args, f"tensorflow {tf.__version__}", {
    "step": lambda: {"loss": float(model.train_on_batch(x, x))},
    "forward": lambda: {"mean": float(infer(x).numpy().mean())},
    "forward1": lambda: {"mean": float(infer(x[:1]).numpy().mean())},
})
