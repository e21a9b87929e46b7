// Package sketch owns the approximate summaries of the engine: distinct
// counts (HLL, Theta, Tuple, HyperUnique) and rank estimates (Quantiles, KLL).
// Sketches here read, merge and write the images that Apache DataSketches for
// Java and Druid's own collector write, and estimate as those do, so stored
// columns of either writer can be mixed.
//
// A sketch is fed hashes of values. Hashing is kept apart from updating so
// that the words of a dictionary are hashed once: Hash is the 128-bit hash,
// HashUTF8, HashUTF16, HashLong, HashDouble make it, UpdateHash takes it.
//
// Every image starts with eight bytes (little-endian throughout, except for
// HyperUnique, whose picture is in hyperunique.go):
//
//	byte  0              1         2       3     4      5      6-7
//	HLL   preamble ints  version 1 family 7 lgK  lgArr  flags  mode
//	theta preamble longs version 3 family 3 lgK  lgArr  flags  seed hash
//	tuple preamble longs version 1 family 9 type flags  values seed hash
//	quant preamble longs version 3 family 8 flags k (4-5)      -
//	KLL   preamble ints  version   family 15 flags k (4-5)     m (6)
//
// The rest of each is drawn in the file that writes it. Readers check every
// length before use: a torn or hostile image gives an error, never a panic,
// and never allocates more than a small multiple of the image's own length
// (a sketch that grows later may do so up to its declared size).
//
// No type here is safe for use by two goroutines at once, reading included:
// estimates may first tidy the sketch.
package sketch
