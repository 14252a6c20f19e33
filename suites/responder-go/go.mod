module responder_go

go 1.19
