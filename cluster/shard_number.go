package cluster

func init() {
	shards.Add("none", new(None))
	shards.Add("linear", new(Linear))
	shards.Add("numbered", new(Numbered))
	shards.Add("numbered_overwrite", new(Overwrite))
	shards.Add("tombstone", new(Tombstone))
}

// None is the shardSpec of an interval's only segment, as first written.
type None struct{}

// Linear partitions are whole in any number.
type Linear struct {
	Partition int `json:"partitionNum"`
}

// Numbered partitions are whole when 0 to Partitions-1 are there; more may be
// appended. With Partitions 0, any number will do.
type Numbered struct {
	Partition  int `json:"partitionNum"`
	Partitions int `json:"partitions"`
}

// Overwrite replaces, within one version, the partitions from First up to
// Last, when all Group members with its First, Last and Minor are there.
type Overwrite struct {
	Partition int `json:"partitionId"`
	First     int `json:"startRootPartitionId"`
	Last      int `json:"endRootPartitionId"` // exclusive
	Minor     int `json:"minorVersion"`
	Group     int `json:"atomicUpdateGroupSize"`
}

// Tombstone has no rows and hides what older versions have.
type Tombstone struct {
	Partition  int `json:"partitionNum"`
	Partitions int `json:"partitions"`
}

// Number and the other methods are those of Shard.

func (*None) Number() int        { return 0 }
func (s *Linear) Number() int    { return s.Partition }
func (s *Numbered) Number() int  { return s.Partition }
func (s *Overwrite) Number() int { return s.Partition }
func (s *Tombstone) Number() int { return s.Partition }

func (*None) Core() int        { return 1 }
func (*Linear) Core() int      { return 0 }
func (s *Numbered) Core() int  { return s.Partitions }
func (s *Overwrite) Core() int { return 0 }
func (s *Tombstone) Core() int { return 1 }

func (*None) Possible(func(string) (Domain, bool)) bool      { return true }
func (*Linear) Possible(func(string) (Domain, bool)) bool    { return true }
func (*Numbered) Possible(func(string) (Domain, bool)) bool  { return true }
func (*Overwrite) Possible(func(string) (Domain, bool)) bool { return true }
func (*Tombstone) Possible(func(string) (Domain, bool)) bool { return false }
