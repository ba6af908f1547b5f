"""What the AC check assumes: power factors, voltages, reactive ranges, taps and reactors.

A linear (DC) study knows none of it, and no public table of a region's grid holds it; so every
value has a stated basis, and study.yaml may replace it (block `ac`).
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PowerFactor = Annotated[float, Field(ge=0.5, le=1)]
Voltage = Annotated[float, Field(ge=0.5, le=1.5)]


class AcSettings(BaseModel):
    """Assumptions of `gridplan.check_ac`.

    Voltages are per unit of the *reference voltage*: `v_nom`, but `v_nom` / 1.05 of the levels in
    `highest_voltage_kv`, whose names are the highest voltage of equipment (IEC 60038): 420 kV is
    1.05 of 400 kV.

    Examples
    --------
    >>> ac = AcSettings()
    >>> ac.reference_kv(420.0), ac.reference_kv(132.0), ac.limits_pu(66.0)
    (400.0, 132.0, (0.9, 1.1))
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    load_power_factor: PowerFactor = Field(
        0.98, description="of loads, inductive; assumption: distribution grids seen from 66-132 kV"
    )
    project_power_factor: PowerFactor = Field(
        0.95,
        description="of projects, inductive; assumption: industry with partial compensation, within"
        " the 0.9 that (EU) 2016/1388 article 15 allows",
    )
    plant_reactive_pu: float = Field(
        0.33,
        ge=0,
        le=1,
        description="reactive range of running plants, +/- per unit of p_nom; 0.33 is a power "
        "factor of 0.95, the usual requirement ((EU) 2016/631 as applied in Norway, NVF)",
    )
    plant_least_mw: float = Field(
        10.0,
        ge=0,
        description="smaller plants run at power factor 1 (MW); 10 MW is type C of (EU) 2016/631 "
        "in the Nordic area, that smaller ones hold no voltage is an assumption",
    )
    border_reactive_pu: float | None = Field(
        None,
        ge=0,
        le=10,
        description="reactive range of borders, +/- per unit of p_nom; empty: a neighbour grid so "
        "stiff that it holds its voltage (assumption)",
    )
    high_set_pu: Voltage = Field(
        1.02,
        description="voltage that borders, plants and reactors hold from high_from_kv up; "
        "assumption, 408 kV",
    )
    set_pu: Voltage = Field(
        1.02, description="voltage that plants and transformers hold below high_from_kv; assumption"
    )
    high_from_kv: float = Field(
        220.0, gt=0, description="from here up a grid counts as transmission grid: high_set_pu, "
        "reactors, no tap changers that regulate (assumption)"
    )  # fmt: skip
    minimum_pu: Voltage = Field(
        0.90, description="lowest voltage from 110 kV up; (EU) 2017/1485 annex II, Nordic area"
    )
    maximum_pu: Voltage = Field(
        1.05, description="highest voltage from 110 kV up; (EU) 2017/1485 annex II, Nordic area"
    )
    low_minimum_pu: Voltage = Field(0.90, description="lowest voltage below 110 kV; assumption")
    low_maximum_pu: Voltage = Field(
        1.10, description="highest voltage below 110 kV; assumption, 72.5 kV (IEC 60038)"
    )
    highest_voltage_kv: tuple[float, ...] = Field(
        (300.0, 420.0),
        description="levels named after the highest voltage of equipment (IEC 60038)",
    )
    tap_steps: int = Field(
        8,
        ge=0,
        le=40,
        description="steps of a tap changer either way; 8 of 1.25 % are usual of regional "
        "transformers (assumption)",
    )
    tap_step_pu: float = Field(0.0125, gt=0, le=0.1, description="one step, per unit")
    charging_compensated_pu: float = Field(
        0.7,
        ge=0,
        le=1.5,
        description="reactors at the ends of lines from high_from_kv up, per unit of what the line "
        "charges; switched as the voltage asks for (assumption)",
    )
    shunts_mvar: dict[str, Annotated[float, Field(ge=-2000, le=2000)]] = Field(
        {}, description="fixed shunts by bus: MVAr at v_nom, capacitors positive, reactors negative"
    )
    tolerance_pu: float = Field(
        0.001,
        ge=0,
        le=0.05,
        description="currents and voltages that exceed a limit by less are no finding, per unit",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for low, high in (self.limits_pu(110.0), self.limits_pu(66.0)):
            if low >= high:
                msg = f"the lowest voltage {low:g} is not below the highest {high:g}"
                raise ValueError(msg)
        return self

    def reference_kv(self, v_nom: float) -> float:
        """Voltage that counts as 1 per unit (kV)."""
        return v_nom / 1.05 if v_nom in self.highest_voltage_kv else v_nom

    def limits_pu(self, v_nom: float) -> tuple[float, float]:
        """Lowest and highest voltage, per unit of the reference voltage."""
        if v_nom >= 110.0:
            return self.minimum_pu, self.maximum_pu
        return self.low_minimum_pu, self.low_maximum_pu

    def target_pu(self, v_nom: float) -> float:
        """Voltage that is held, per unit of the reference voltage."""
        return self.high_set_pu if v_nom >= self.high_from_kv else self.set_pu
