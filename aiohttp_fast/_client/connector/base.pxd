# Nothing is typed here, where users put their own methods; that this file is there has the module compiled.
