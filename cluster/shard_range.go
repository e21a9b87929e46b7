package cluster

import "encoding/json"

func init() {
	shards.Add("single", new(Single))
	shards.Add("range", new(Ranged))
}

// Single holds the rows whose Dimension is in [Start, End); nil is open ended.
// Rows without the dimension are in the first partition.
type Single struct {
	Dimension  string  `json:"dimension"`
	Start      *string `json:"start"`
	End        *string `json:"end"`
	Partition  int     `json:"partitionNum"`
	Partitions *int    `json:"numCorePartitions,omitempty"` // nil or below 1: not known
}

// Ranged holds the rows whose tuple of Dimensions is in [Start, End). A nil
// tuple is open ended; a nil member of a tuple is null.
type Ranged struct {
	Dimensions []string  `json:"dimensions"`
	Start      []*string `json:"start"`
	End        []*string `json:"end"`
	Partition  int       `json:"partitionNum"`
	Partitions int       `json:"numCorePartitions"`
}

// bounded is a Shard that is a range: for sets that are whole byBounds.
type bounded interface {
	bounds() (start, end string, first, last bool) // comparable forms of the bounds
}

var (
	_ bounded = (*Single)(nil)
	_ bounded = (*Ranged)(nil)
)

// Number and the other methods are those of Shard.

func (s *Single) Number() int { return s.Partition }
func (s *Ranged) Number() int { return s.Partition }

func (s *Single) Core() int {
	if s.Partitions == nil || *s.Partitions < 1 {
		return byBounds
	}
	return *s.Partitions
}

func (s *Ranged) Core() int {
	if s.Partitions < 1 {
		return byBounds
	}
	return s.Partitions
}

func (s *Single) bounds() (start, end string, first, last bool) {
	start, end = tuple([]*string{s.Start}), tuple([]*string{s.End})
	return start, end, s.Start == nil, s.End == nil
}

func (s *Ranged) bounds() (start, end string, first, last bool) {
	return tuple(s.Start), tuple(s.End), s.Start == nil, s.End == nil
}

func tuple(t []*string) string {
	b, _ := json.Marshal(t) // strings and nulls always marshal
	return string(b)
}

func (s *Single) Possible(domain func(string) (Domain, bool)) bool {
	d, ok := domain(s.Dimension)
	return !ok || d.meets(s.Start, s.End, false)
}

// Possible compares dimension by dimension: a tuple lies between Start and End
// only if its first member lies between theirs; only where these are the same
// value does the next member count.
func (s *Ranged) Possible(domain func(string) (Domain, bool)) bool {
	for i, name := range s.Dimensions {
		low, high := at(s.Start, i), at(s.End, i)
		d, ok := domain(name)
		if ok && !d.meets(low, high, i < len(s.Dimensions)-1) {
			return false
		}
		if s.Start == nil || s.End == nil || compareNull(low, high) != 0 {
			return true
		}
	}
	return true
}

func at(t []*string, i int) *string {
	if i < len(t) {
		return t[i]
	}
	return nil
}
