# Nothing to type: the file's presence has the module compiled.
