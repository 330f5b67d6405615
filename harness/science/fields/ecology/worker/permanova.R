# Called by program.py: permanova.R INPUT OUTPUT SHUFFLED PERMUTATIONS SEED
suppressPackageStartupMessages(library(vegan))
given <- commandArgs(trailingOnly = TRUE)
target <- given[2]
species <- read.csv(file.path(given[1], "species.csv"), row.names = "site")
meadows <- read.csv(file.path(given[1], "environment.csv"), row.names = "site", stringsAsFactors = TRUE)
stopifnot(identical(rownames(species), rownames(meadows)))

set.seed(as.integer(given[5]))
if (given[3] == "1") meadows$Management <- sample(meadows$Management)

save <- function(table, name) {
  text <- vapply(table, function(column) if (is.double(column)) sprintf("%.15g", column) else as.character(column),
                 character(nrow(table)))
  write.csv(text, file.path(target, name), row.names = FALSE, quote = FALSE)
}

distance <- vegdist(species, method = "bray")
test <- adonis2(distance ~ Management, data = meadows, permutations = as.integer(given[4]))
save(data.frame(term = c("management", "residual", "total"), freedom = test$Df, squares = test$SumOfSqs,
                share = test$R2, f = test$F, p = test[["Pr(>F)"]]), "permanova.csv")

# What the random labellings gave, in bins: p is a count of these.
chance <- as.vector(permustats(test)$permutations)
edges <- seq(0, 10, by = 0.1)
stopifnot(max(chance) < max(edges))
save(data.frame(f = edges[-length(edges)], labellings = as.integer(table(cut(chance, edges, right = FALSE)))),
     "chance.csv")

# Principal coordinates of the same distances: the picture.
map <- wcmdscale(distance, eig = TRUE)
save(data.frame(site = rownames(species), management = meadows$Management,
                first = map$points[, 1], second = map$points[, 2]), "ordination.csv")
save(data.frame(eigenvalue = map$eig), "eigenvalues.csv")
