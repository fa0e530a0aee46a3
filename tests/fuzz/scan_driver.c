/* In libFuzzer's place where there is gcc only: changes inputs by chance, and keeps what reaches new places.

   fuzz_scan SECONDS CRASH SEED...: run until the time is over; the input that breaks a rule is left in the file CRASH.
   fuzz_scan FILE: run that one input. This file is compiled without -fsanitize-coverage, which would have it call itself. */
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 2048
#define POOL 8192
#define PLACES (1u << 22) /* more than the program has bytes: each place has one of its own */
#define HANG 10           /* seconds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_cov_trace_pc(void);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

typedef struct {
    uint8_t *data;
    size_t size;
} input_t;

static input_t pool[POOL];
static size_t pooled;
static uint8_t input[LONGEST];
static size_t size;
static uint8_t reached[PLACES];
static unsigned long places, runs;
static const char *crash;

/* Called by the code under test, from each of its basic blocks. */
void __sanitizer_cov_trace_pc(void) {
    uintptr_t place = (uintptr_t)__builtin_return_address(0) % PLACES;
    places += !reached[place];
    reached[place] = 1;
}

/* Two libraries: what the second finds must end in the first, which calls leave_input. */
const char *__asan_default_options(void) { return "handle_abort=1"; }
const char *__ubsan_default_options(void) { return "abort_on_error=1:print_stacktrace=1"; }

static void tell(const char *state) { printf("#%lu %s cov: %lu corp: %zu\n", runs, state, places, pooled); }

static void leave_input(void) {
    FILE *file = fopen(crash, "wb");
    tell("FAILED");
    if (file != NULL) {
        fwrite(input, 1, size, file);
        fclose(file);
        printf("the input is in %s\n", crash);
    }
    fflush(stdout);
}

static void hang(int number) {
    (void)number;
    abort();
}

static void read_input(const char *name) {
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    size = fread(input, 1, LONGEST, file);
    fclose(file);
}

static void run_input(void) {
    unsigned long before = places;
    LLVMFuzzerTestOneInput(input, size);
    runs++;
    if (places > before && pooled < POOL) {
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, input, size);
        pool[pooled++] = (input_t){copy, size};
    }
}

static size_t below(size_t end) { return end ? (size_t)rand() % end : 0; }

static void insert(size_t at, const void *bytes, size_t count) {
    if (size + count <= LONGEST) {
        memmove(input + at + count, input + at, size - at);
        memcpy(input + at, bytes, count);
        size += count;
    }
}

static void change(void) {
    static const char *words[] = {"\r\n", "\n", "\r", " ", "\t", ": ", ";a=\"b\"", "0\r\n\r\n", "3\r\nabc\r\n",
                                  "\r\n ", "\r\n\r\n", "HTTP/1.1 200 OK\r\n", "GET / HTTP/1.1\r\n",
                                  "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "Connection: close\r\n",
                                  "Content-Encoding: gzip\r\n", "Upgrade: a\r\n", "Host: a\r\n", "Set-Cookie: a\r\n"};
    size_t at = below(size), count = 1 + below(size - at < 16 ? size - at : 16);
    const char *word = words[below(sizeof(words) / sizeof(words[0]))];
    const input_t *other = &pool[below(pooled)];
    switch (size ? rand() % 6 : 0) {
    case 0:
        insert(at, word, strlen(word));
        break;
    case 1:
        input[at] = (uint8_t)rand();
        break;
    case 2:
        input[at] ^= (uint8_t)(1 << rand() % 8);
        break;
    case 3: /* cut out */
        memmove(input + at, input + at + count, size - at - count);
        size -= count;
        break;
    case 4: { /* say twice */
        uint8_t again[16];
        memcpy(again, input + at, count);
        insert(at, again, count);
        break;
    }
    default: /* go on as another input does */
        if (at < other->size) {
            size = other->size;
            memcpy(input + at, other->data + at, size - at);
        }
    }
}

int main(int count, char **arguments) {
    if (count == 2) {
        read_input(arguments[1]);
        return LLVMFuzzerTestOneInput(input, size);
    }
    if (count < 4) {
        fprintf(stderr, "fuzz_scan SECONDS CRASH SEED...\n");
        return 1;
    }
    time_t end = time(NULL) + atoi(arguments[1]);
    crash = arguments[2];
    __sanitizer_set_death_callback(leave_input);
    signal(SIGALRM, hang);
    srand((unsigned)time(NULL));
    for (int i = 3; i < count; i++) {
        read_input(arguments[i]);
        run_input();
    }
    while (time(NULL) < end) {
        alarm(HANG);
        for (int round = 0; round < 1000; round++) {
            const input_t *parent = &pool[below(pooled)];
            size = parent->size;
            memcpy(input, parent->data, size);
            for (int changes = 1 + rand() % 5; changes; changes--) {
                change();
            }
            run_input();
        }
    }
    tell("DONE");
    return 0;
}
