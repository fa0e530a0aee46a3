/* libFuzzer target straight on llhttp and csrc/scan.h, without Python: no input may break memory or marks.

   clang:  clang -g -fsanitize=fuzzer,address,undefined -I vendor/llhttp -I aiohttp_fast/_wire/csrc \
               tests/fuzz/fuzz_scan.c vendor/llhttp/llhttp.c vendor/llhttp/api.c vendor/llhttp/http.c
   gcc:    the same with -DALONE and -fsanitize=address,undefined: a driver that mutates its input files. */
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
    int lenient;
    char *block;
    if (!prepared) {
        require(scan_prepare() == 0);
        prepared = 1;
    }
    if (size < 5) {
        return 0;
    }
    lenient = data[0] & 1;
    step = 1 + (data[1] & 63);
    data += 4; /* as many control bytes as target.py takes: the seeds are shared */
    size -= 4;
    block = malloc(size); /* of its own, so that the sanitizer sees each byte read beyond */
    memcpy(block, data, size);
    memset(&scan, 0, sizeof(scan));
    scan.limit = 16;
    begin = lenient ? start_response(block, size, 100, lenient, &start) : start_request(block, size, 100, &start);
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
            scan_facts(&scan, block, pos, 100, lenient, &facts);
            for (uint32_t i = 0; i < scan.count; i++) {
                mark_t *mark = &scan.marks[i];
                uint32_t end_of_value = mark->value_end & ~FOLDED;
                require(mark->name < mark->name_end && mark->name_end <= mark->value);
                require(mark->value <= end_of_value && end_of_value <= pos);
                char *copy = malloc(end_of_value - mark->value + 1);
                require(unfold(block + mark->value, end_of_value - mark->value, copy) <= end_of_value - mark->value);
                free(copy);
                find_known(block + mark->name, mark->name_end - mark->name);
                is_ascii(block + mark->value, end_of_value - mark->value);
                line_hash(block + mark->name, end_of_value - mark->name);
                find_field(block, scan.marks, scan.count, "content-type", 12);
            }
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

#ifdef ALONE
/* fuzz_scan SECONDS FILE...: mutate the files by chance until the time is over. */
#include <time.h>

int main(int count, char **arguments) {
    static uint8_t seed[4096], input[8192];
    static const char *pieces[] = {"\r\n", "\n", "\r", ": ", "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n",
                                   "Connection: close\r\n", "\r\n ", "0\r\n\r\n", ";a=\"b\"", "3\r\nabc\r\n", "HTTP/1.1 200"};
    unsigned long runs = 0;
    time_t end = time(NULL) + (count > 1 ? atoi(arguments[1]) : 10);
    srand(1);
    while (time(NULL) < end && count > 2) {
        FILE *file = fopen(arguments[2 + rand() % (count - 2)], "rb");
        if (file == NULL) {
            return 1;
        }
        size_t size = fread(seed, 1, sizeof(seed), file);
        fclose(file);
        for (int round = 0; round < 2000; round++, runs++) {
            size_t length = size;
            memcpy(input, seed, size);
            for (int edit = rand() % 5; edit > 0; edit--) {
                const char *piece = pieces[(size_t)rand() % (sizeof(pieces) / sizeof(pieces[0]))];
                size_t at = length ? (size_t)rand() % length : 0, add = strlen(piece);
                if (rand() % 2 && length) {
                    input[at] = (uint8_t)rand();
                } else if (length + add < sizeof(input)) {
                    memmove(input + at + add, input + at, length - at);
                    memcpy(input + at, piece, add);
                    length += add;
                }
            }
            LLVMFuzzerTestOneInput(input, length);
        }
    }
    printf("fuzz_scan: %lu inputs, nothing found\n", runs);
    return 0;
}
#endif
