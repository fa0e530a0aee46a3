"""The contenders: each module has a class ``Client`` with the same few operations.

``open()`` and ``close()``; ``get()`` and ``post()`` return the body; ``download(mode, size)``
and ``upload(path)`` return how many bytes came or went. All of them really read the body.
"""
