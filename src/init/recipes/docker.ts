/** An image that migrates and cleans up: Node, this package and the migrations, no drizzle-kit and no server. */
export const DOCKER = {
  'Dockerfile.database': `# docker build -f Dockerfile.database -t app-database . && docker run --rm -e DATABASE_URL app-database migrate
FROM node:22-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package-lock.json ./
# drizzle-ops alone, in the version of the lock file
RUN version=$(node -p "require('./package-lock.json').packages['node_modules/drizzle-ops'].version") \\
  && rm package-lock.json && echo '{"private":true}' > package.json \\
  && npm install --omit=optional --omit=peer "drizzle-ops@$version" && npm cache clean --force
COPY drizzle.config.* ./
COPY drizzle ./drizzle
USER node
ENTRYPOINT ["npx", "drizzle-ops"]
CMD ["status"]
`,
}
