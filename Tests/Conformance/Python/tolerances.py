"""How close is close, and what need not be so close, with the reason."""

# Sums of float32 numbers in another order.
ABSOLUTE = 1e-5
RELATIVE = 1e-5

# Of each exception: what the label contains, the two tolerances, the reason.
EXCEPTIONS = []


def exception_for(case):
    for text, absolute, relative, _ in EXCEPTIONS:
        if text in case.label:
            return absolute, relative
    return None
