"""The alarm of a node: whom it calls while nobody answers, and by which means of the party's own (docs/adr/0063).

Read `plan` first, the file in the realm's folder; then `ladder`, who is called at each step; `escalation`, which takes
the steps and notes them; `notice`, what a call-out says, and `ways`, the four means. What alarms is
`comity.machine.waiting`, what was done about it `comity.procedure.alarm`.
"""
