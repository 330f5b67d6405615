# Prints, for each time that a token permitted to open `path`, what the log says of the token and of the client.
# A request is worked on by one thread, whose number is the third word of each line.
/ ofs_open: .* fn=/ { client[$3] = $4 }
/ scitokens_Access: (New valid|Cached) token/ { token[$3] = $0 }
/ scitokens_Access: Grant authorization / && index($0 " ", "path=" path " ") { print token[$3], client[$3], "" }
