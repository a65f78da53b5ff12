"""Every door that takes bytes from outside, and what must hold there: they are accepted, or refused with a code.

Never another exception, never without end, never with more memory than the bytes are worth.

`door` says what a door is, `change` how bytes are changed; one file for each family of doors; `run` drives them with
atheris, which looks at the branches it has reached. The same doors stand in the test suite, without atheris. May import
anything of Comity and the tests' kit; nothing imports it but tests.
"""
