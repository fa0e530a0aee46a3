cpdef deadline_after(double now, delay, double ceil_threshold=*)
