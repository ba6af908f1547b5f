"""The independent witness: certifies a network with its dispatch, knows nothing of the optimiser.

`gridplan.check.witness.certify` starts from a PyPSA network and derives everything itself;
of a plan it reads what it claims, and the study:

* refusals      what no certificate can be made from
* replica       a bare copy of the network, for reactances and for linear power flows
* evidence      graph, islands, bridges, injections and ratings
* contingencies what is taken out
* outages       angles and flows, and what each outage does to them
* screen        every hour, every outage, every branch
* sample        outages really removed and solved by `n.lpf`
* claims        whether the network holds what its plan says
* radial        buses that a bridge supplies without N-1
* certificate   the result
"""
