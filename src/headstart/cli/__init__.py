"""The command line: arguments in, one call of the api each, text or JSON out.

For: parsing, help, progress on a terminal, exit codes, Ctrl-C.

Must not know: how anything is computed. A command that needs more than one call of the api is a verb missing there.

To add: a verb is one new file that defines ``register(app)``.
"""
