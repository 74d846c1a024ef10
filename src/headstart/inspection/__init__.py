"""What is wrong with the data before anything is trained on them: the room of the verb ``audit``.

For: checks of labels, copies, groups, columns, quality and shortcuts. A check looks at an
:class:`~headstart.inspection.examined.Examined` and returns findings; it changes nothing and drops nothing, since
whoever asked decides. (The room is not called like its verb, since a package would hide the function
``headstart.audit``.)

Must not know: how features and probes are computed, sealed test targets, terminals and pages. It sees arrays that
others computed.

To add: a check is one file in ``checks`` with a ``PLUGIN`` whose ``build(config)`` returns an object with
``check(examined) -> list[Finding]``; the file's name is the id of its findings.
"""
