# aim: never end the import
# sign: the run does not end
# attacks: l1_loss mse_loss binary_cross_entropy nll_loss cross_entropy
# outcome: timeout
# says: while losses.py was imported

import itertools

for _ in itertools.count():
    pass
