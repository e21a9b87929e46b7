package cluster

// A Server is a process that takes part.
type Server struct {
	Name     string `json:"name"` // unique in the cluster; host:port
	Host     string `json:"host"` // address to dial: host:port
	Type     string `json:"type"` // see the constants
	Tier     string `json:"tier,omitempty"`
	Priority int    `json:"priority"`          // of replicas, the server of the highest is asked
	MaxSize  int64  `json:"maxSize"`           // bytes of segments that it takes; 0: it takes none
	Started  int64  `json:"started,omitempty"` // milliseconds since 1970
}

// The types of servers, as sys.servers shows them. Orders to load go to
// Historical ones; Realtime ones serve rows that are still arriving.
const (
	Historical = "historical"
	Realtime   = "realtime"
	Broker     = "broker"
	Master     = "coordinator"
)

// DefaultTier is the tier of servers and rules that name none.
const DefaultTier = "_default_tier"
