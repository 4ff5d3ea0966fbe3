# cython: language_level=3, boundscheck=False, wraparound=False
"""The classes of `filling`, compiled; that module says what they do. Built where there is a compiler, else left out.

Every text is checked to be there and to be bytes before anything is copied, and no Python code runs in between.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.string cimport memcmp, memcpy

FORM = 1  # of `filling` that this does the same as

cdef enum:
    HASH = 32  # bytes of a SHA-256 hash
    MOST_NODES = 255  # an order is given as bytes


cdef class Filling:
    cdef bytes _fixed
    cdef Py_ssize_t _count, _needed
    cdef Py_ssize_t* _lengths
    cdef Py_ssize_t* _places

    def __cinit__(self, parts, places):
        cdef Py_ssize_t number
        if len(parts) != len(places) + 1 or min(places, default=0) < 0:
            raise ValueError("There is one part more than places, and places are counted from 0.")
        if any(type(part) is not bytes for part in parts):
            raise TypeError("Parts are bytes.")
        self._count = len(places)
        self._needed = max(places, default=-1) + 1
        self._fixed = b"".join(parts)
        self._lengths = <Py_ssize_t*> PyMem_Malloc((self._count + 1) * sizeof(Py_ssize_t))
        self._places = <Py_ssize_t*> PyMem_Malloc((self._count + 1) * sizeof(Py_ssize_t))
        if not self._lengths or not self._places:
            raise MemoryError
        for number in range(self._count):
            self._places[number] = places[number]
        for number in range(self._count + 1):
            self._lengths[number] = len(parts[number])

    def __dealloc__(self):
        PyMem_Free(self._lengths)
        PyMem_Free(self._places)

    cpdef bytes fill(self, list texts):
        cdef Py_ssize_t number, length
        cdef Py_ssize_t size = PyBytes_GET_SIZE(self._fixed)
        _require(texts, self._needed)
        for number in range(self._count):
            size += PyBytes_GET_SIZE(<object> PyList_GET_ITEM(texts, self._places[number]))
        cdef bytes filled = PyBytes_FromStringAndSize(NULL, size)
        cdef char* to = PyBytes_AS_STRING(filled)
        cdef char* part = PyBytes_AS_STRING(self._fixed)
        for number in range(self._count):
            length = self._lengths[number]
            memcpy(to, part, length)
            to += length
            part += length
            text = <object> PyList_GET_ITEM(texts, self._places[number])
            length = PyBytes_GET_SIZE(text)
            memcpy(to, PyBytes_AS_STRING(text), length)
            to += length
        memcpy(to, part, self._lengths[self._count])
        return filled


cdef class Hashing:
    cdef object _begun
    cdef Filling _filling

    def __cinit__(self, begun, parts, places):
        self._begun = begun
        self._filling = Filling(parts, places)

    cpdef bytes digest(self, list texts):
        state = self._begun.copy()
        state.update(self._filling.fill(texts))
        return state.digest()


cdef class Numbering:
    cdef list _comparisons, _hashings
    cdef Py_ssize_t _needed, _count
    cdef unsigned char[MOST_NODES * HASH] _hashes

    def __cinit__(self, comparisons, hashes):
        cdef Py_ssize_t node
        self._count = len(hashes)
        if self._count > MOST_NODES:
            raise ValueError("There are too many nodes.")
        self._comparisons = [_Comparison(*comparison) for comparison in comparisons]
        self._hashings = []
        self._needed = max((one.needed for one in self._comparisons), default=0)
        for node, found in enumerate(hashes):
            if isinstance(found, Hashing):
                self._hashings.append((node, found))
            else:
                _put(found, &self._hashes[node * HASH])

    cpdef bint fits(self, list texts) except -1:
        cdef _Comparison comparison
        _require(texts, self._needed)
        for comparison in self._comparisons:
            if not comparison.holds(texts):
                return False
        return True

    cpdef bytes order(self, list texts):
        if not self.fits(texts):
            return None
        # of this call alone: another thread may run while a long text is hashed
        cdef unsigned char[MOST_NODES * HASH] hashes
        cdef unsigned char[MOST_NODES] sorted_nodes
        cdef Py_ssize_t node, place
        cdef int found
        cdef Hashing hashing
        memcpy(hashes, self._hashes, self._count * HASH)
        for node, hashing in self._hashings:
            _put(hashing.digest(texts), &hashes[node * HASH])
        for node in range(self._count):  # by insertion: they are few
            place = node
            while place > 0:
                found = memcmp(&hashes[sorted_nodes[place - 1] * HASH], &hashes[node * HASH], HASH)
                if found == 0:
                    return None
                if found < 0:
                    break
                sorted_nodes[place] = sorted_nodes[place - 1]
                place -= 1
            sorted_nodes[place] = node
        return sorted_nodes[: self._count]


cdef class _Comparison:
    cdef readonly Py_ssize_t needed
    cdef Py_ssize_t _first, _second
    cdef bytes _fixed
    cdef int _end

    def __cinit__(self, first, second, bytes end not None):
        (self._end,) = end
        slots = [token for token in (first, second) if not isinstance(token, bytes)]
        if min(slots, default=-1) < 0:
            raise ValueError("Two fixed texts need no comparison, and slots are counted from 0.")
        self._first = self._second = -1
        if isinstance(first, bytes):
            self._fixed = first
            self._second = second
        elif isinstance(second, bytes):
            self._fixed = second
            self._first = first
        else:
            self._first, self._second = first, second
        self.needed = max(self._first, self._second) + 1

    cdef bint holds(self, list texts):
        first = self._fixed if self._first < 0 else <object> PyList_GET_ITEM(texts, self._first)
        second = self._fixed if self._second < 0 else <object> PyList_GET_ITEM(texts, self._second)
        return _compared(first, second, self._end) < 0


cdef int _compared(bytes first, bytes second, int end):
    """Compare two texts, each with the letter that ends it."""
    cdef Py_ssize_t one = PyBytes_GET_SIZE(first)
    cdef Py_ssize_t other = PyBytes_GET_SIZE(second)
    cdef unsigned char* a = <unsigned char*> PyBytes_AS_STRING(first)
    cdef unsigned char* b = <unsigned char*> PyBytes_AS_STRING(second)
    cdef int found = memcmp(a, b, min(one, other))
    if found != 0 or one == other:
        return found
    if one < other:
        return end - b[one] or -1
    return a[other] - end or 1


cdef int _put(bytes found, unsigned char* place) except -1:
    if found is None or PyBytes_GET_SIZE(found) != HASH:
        raise ValueError("A hash has 32 bytes.")
    memcpy(place, PyBytes_AS_STRING(found), HASH)
    return 0


cdef int _require(list texts, Py_ssize_t needed) except -1:
    if texts is None or PyList_GET_SIZE(texts) < needed:
        raise IndexError("There are fewer texts than places ask for.")
    for text in texts:
        if type(text) is not bytes:
            raise TypeError("Only bytes are filled in.")
    return 0
