"""Why a plan is as it is: why not, remedies, marginal values, freed capacity."""
