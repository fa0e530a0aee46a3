/* Fuzz target straight on llhttp and csrc/scan.h, without Python: no input may break memory or marks.
   run.py builds it: for libFuzzer with clang, with scan_driver.c in libFuzzer's place with gcc. */
#include <stdio.h>
#include <stdlib.h>

#include "scan.h"

static void require(int truth) {
    if (!truth) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int prepared;
    scan_t scan;
    start_t start;
    facts_t facts;
    size_t begin, pos, step;
    int response, lenient;
    char *block;
    if (!prepared) {
        require(scan_prepare() == 0);
        prepared = 1;
    }
    if (size < 5) {
        return 0;
    }
    response = size >= 9 && memcmp(data + 4, "HTTP/", 5) == 0;
    lenient = response && data[0] < 200; /* as in target.py */
    step = 1 + (data[1] & 63);
    data += 4; /* as many control bytes as target.py takes: the seeds are shared */
    size -= 4;
    block = malloc(size); /* of its own, so that the sanitizer sees each byte read beyond */
    memcpy(block, data, size);
    memset(&scan, 0, sizeof(scan));
    scan.limit = 16;
    begin = response ? start_response(block, size, 100, lenient, &start) : start_request(block, size, 100, &start);
    require(begin <= size);
    if (begin == 0 || begin == size) {
        free(block);
        return 0;
    }
    scan_begin(&scan, lenient, begin);
    scan.origin = (uintptr_t)block;
    for (pos = begin; pos < size;) {
        size_t end = pos + step < size ? pos + step : size;
        const char *stop;
        int error = scan_run(&scan, block + pos, block + end, &stop);
        require(stop >= block + pos && stop <= block + end);
        pos = (size_t)(stop - block);
        if (error) {
            break;
        }
        if (scan.event == EVENT_HEAD) {
            char *head = malloc(pos); /* as the parser copies it, so that a look behind the head is seen too */
            memcpy(head, block, pos);
            scan_facts(&scan, head, pos, 100, lenient, &facts);
            for (uint32_t i = 0; i < scan.count; i++) {
                mark_t *mark = &scan.marks[i];
                uint32_t end_of_value = mark->value_end & ~FOLDED;
                require(mark->name < mark->name_end && mark->name_end <= mark->value);
                require(mark->value <= end_of_value && end_of_value <= pos);
                char *copy = malloc(end_of_value - mark->value);
                require(unfold(head + mark->value, end_of_value - mark->value, copy) <= end_of_value - mark->value);
                free(copy);
                find_known(head + mark->name, mark->name_end - mark->name);
                is_ascii(head + mark->value, end_of_value - mark->value);
                line_hash(head + mark->name, end_of_value - mark->name);
                find_field(head, scan.marks, scan.count, "content-type", 12);
            }
            free(head);
            if (!facts.chunked) {
                break;
            }
            scan_chunked(&scan);
        } else if (scan.event == EVENT_CHUNK_LINE && scan.http.content_length == 0) {
            scan_trailers(&scan, lenient);
            scan.origin = (uintptr_t)stop;
        } else if (scan.event == EVENT_BODY) {
            require(scan.body >= block && scan.body + scan.body_size <= block + size);
        } else if (scan.event == EVENT_MESSAGE) {
            break;
        }
    }
    free(scan.marks);
    free(block);
    return 0;
}
