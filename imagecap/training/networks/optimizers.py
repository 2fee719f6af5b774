"""Adam with a rate of its own for the encoder."""

from __future__ import annotations

from collections.abc import Iterable

import keras

_LARGEST_GRADIENT_NORM = 5.0


class TwoRateAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015) that takes smaller steps in some variables.

    Args:
        learning_rate: Rate, or schedule of rates, for most variables.
        slow_variables: The variables with smaller steps.
        slow_factor: What the rate is multiplied by for them.
        averaging: How much of the running average of each weight is kept at a step
            (Polyak and Juditsky 1992); 0 keeps no average.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
        slow_variables: Iterable[keras.Variable] = (),
        slow_factor: float = 1.0,
        averaging: float = 0.0,
    ) -> None:
        super().__init__(
            learning_rate,
            global_clipnorm=_LARGEST_GRADIENT_NORM,
            use_ema=averaging > 0,
            ema_momentum=averaging,
        )
        self._slow = {variable.path for variable in slow_variables}
        self._slow_factor = slow_factor

    def update_step(
        self,
        gradient: keras.KerasTensor,
        variable: keras.Variable,
        learning_rate: keras.KerasTensor,
    ) -> None:
        """Take one step for one variable."""
        number = self._get_variable_index(variable)
        if self._trainable_variables[number].path in self._slow:
            learning_rate = learning_rate * self._slow_factor
        super().update_step(gradient, variable, learning_rate)
