"""Five steps of gradient descent on one linear layer: the loss falls by 0.42 a step, as all outputs are positive."""

import phonograd as pg

store = pg.ParameterStore(seed=14)  # name -> array; the only owner of the parameters
for _ in range(5):
    rec = pg.Record()  # a fresh record each step, as cheap as a list
    linear = pg.LinearLayer(rec, 3, 3, store, id="linear")  # loads from the store, or initialises into it
    x = rec.tensor([[1.0, 2.0, 3.0]])
    h = linear.forward(x)
    loss = pg.sum(pg.relu(h))  # or h.relu().sum()
    print("Loss:", loss.data())  # values are computed when asked for
    grads = loss.grad()  # a value: nothing is written into tensors
    print("Relu grad:", grads.wrt(h).data())  # of intermediates too
    linear.optimize(grads, store)  # plain gradient descent, rate 0.01
