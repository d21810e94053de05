package lsp

import "encoding/json"

// The parts of the Language Server Protocol 3.17 that are spoken here.
type (
	// position is a place between two characters: a line and UTF-16 units before it, from 0.
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}
	span struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}
	location struct {
		URI   string `json:"uri"`
		Range span   `json:"range"`
	}
	textEdit struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	}
	documentID struct {
		URI     string `json:"uri"`
		Version *int   `json:"version,omitempty"`
	}
	// placeParams are those of most requests; documentID alone is sent where there is no position.
	placeParams struct {
		TextDocument documentID `json:"textDocument"`
		Position     position   `json:"position"`
	}
	openParams struct {
		TextDocument struct {
			URI     string `json:"uri"`
			Version int    `json:"version"`
			Text    string `json:"text"`
		} `json:"textDocument"`
	}
	changeParams struct {
		TextDocument   documentID `json:"textDocument"`
		ContentChanges []struct {
			Range *span  `json:"range"`
			Text  string `json:"text"`
		} `json:"contentChanges"`
	}
	foldersParams struct {
		Event struct {
			Added   []documentID `json:"added"`
			Removed []documentID `json:"removed"`
		} `json:"event"`
	}
	initializeParams struct {
		RootURI          string       `json:"rootUri"`
		WorkspaceFolders []documentID `json:"workspaceFolders"`
		Capabilities     struct {
			TextDocument struct {
				CodeLens *struct{} `json:"codeLens"` // nil: the editor may not know resolving
			} `json:"textDocument"`
			Workspace struct {
				WorkspaceEdit struct {
					DocumentChanges    bool     `json:"documentChanges"`
					ResourceOperations []string `json:"resourceOperations"`
				} `json:"workspaceEdit"`
			} `json:"workspace"`
		} `json:"capabilities"`
	}

	diagnostic struct {
		Range    span      `json:"range"`
		Severity int       `json:"severity"`
		Code     string    `json:"code"`
		Source   string    `json:"source"`
		Message  string    `json:"message"`
		Tags     []int     `json:"tags,omitempty"`
		Related  []related `json:"relatedInformation,omitempty"`
	}
	related struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	}
	publishParams struct {
		URI         string       `json:"uri"`
		Version     *int         `json:"version,omitempty"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	codeActionParams struct {
		TextDocument documentID `json:"textDocument"`
		Range        span       `json:"range"`
		Context      struct {
			Only []string `json:"only"`
		} `json:"context"`
	}
	codeAction struct {
		Title       string         `json:"title"`
		Kind        string         `json:"kind"`
		Diagnostics []diagnostic   `json:"diagnostics,omitempty"`
		IsPreferred bool           `json:"isPreferred,omitempty"`
		Edit        *workspaceEdit `json:"edit"`
	}
	// workspaceEdit has values of type documentEdit, and of renameFile; for editors that know
	// neither it has the edits by URI.
	workspaceEdit struct {
		DocumentChanges []any                 `json:"documentChanges,omitempty"`
		Changes         map[string][]textEdit `json:"changes,omitempty"`
	}
	documentEdit struct {
		TextDocument struct {
			URI     string `json:"uri"`
			Version *int   `json:"version"` // null for what is not open
		} `json:"textDocument"`
		Edits []textEdit `json:"edits"`
	}
	renameFile struct {
		Kind   string `json:"kind"`
		OldURI string `json:"oldUri"`
		NewURI string `json:"newUri"`
	}

	markup struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	}
	hover struct {
		Contents markup `json:"contents"`
		Range    span   `json:"range"`
	}
	completionList struct {
		IsIncomplete bool             `json:"isIncomplete"`
		Items        []completionItem `json:"items"`
	}
	completionItem struct {
		Label    string   `json:"label"`
		Kind     int      `json:"kind"`
		Detail   string   `json:"detail,omitempty"`
		SortText string   `json:"sortText,omitempty"`
		TextEdit textEdit `json:"textEdit"`
	}
	renameParams struct {
		placeParams
		NewName string `json:"newName"`
	}
	prepared struct {
		Range       span   `json:"range"`
		Placeholder string `json:"placeholder"`
	}
	referenceParams struct {
		placeParams
		Context struct {
			IncludeDeclaration bool `json:"includeDeclaration"`
		} `json:"context"`
	}
	highlight struct {
		Range span `json:"range"`
	}
	documentSymbol struct {
		Name           string           `json:"name"`
		Detail         string           `json:"detail,omitempty"`
		Kind           int              `json:"kind"`
		Range          span             `json:"range"`
		SelectionRange span             `json:"selectionRange"`
		Children       []documentSymbol `json:"children,omitempty"`
	}
	codeLens struct {
		Range   span            `json:"range"`
		Command *command        `json:"command,omitempty"`
		Data    json.RawMessage `json:"data,omitempty"`
	}
	command struct {
		Title   string `json:"title"`
		Command string `json:"command"`
	}
	inlayHint struct {
		Position    position `json:"position"`
		Label       string   `json:"label"`
		PaddingLeft bool     `json:"paddingLeft"`
		Tooltip     string   `json:"tooltip,omitempty"`
	}
	rangeParams struct {
		TextDocument documentID `json:"textDocument"`
		Range        span       `json:"range"`
	}
)

// Numbers of the protocol.
const (
	severityError   = 1
	severityWarning = 2
	tagUnnecessary  = 1

	completeFunction = 3
	completeVariable = 6
	completeKeyword  = 14
	completeSet      = 13 // Enum
	completeConstant = 21
	completeFile     = 17

	symbolModule   = 2
	symbolFunction = 12
	symbolVariable = 13
	symbolConstant = 14
	symbolArray    = 18
	symbolEvent    = 24

	codeNotInitialized = -32002
	codeRequestFailed  = -32803
)
